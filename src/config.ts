import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { z } from 'zod'
import { authMistakes } from './config-auth.ts'
import { jwtOf } from './config-jwt.ts'
import type { Setting } from './config-setting.ts'
import { settings } from './config-settings.ts'
import { vaultEnvironmentMistakes, vaultSettings } from './config-vault.ts'
import type { EgressSettings } from './connectors/define.ts'
import type { JwtSettings } from './identity/jwt/settings.ts'
import { infrastructureHosts } from './infrastructure-hosts.ts'
import type { VaultSettings } from './secrets/vault/settings.ts'

type Settings = typeof settings
type SettingValues = { readonly [K in keyof Settings]: z.output<Settings[K]['schema']> }

/** Prints without passwords: what holds one is `HiddenText`. */
export interface Config extends SettingValues {
  readonly production: boolean
  /** Null when no Vault is set up. */
  readonly vault: VaultSettings | null
  /** Null when JSON Web Tokens are not accepted. */
  readonly jwt: JwtSettings | null
  /** What connectors may connect to, as the connector host takes it. */
  readonly egress: EgressSettings
  /** Names and addresses of what Patchbay itself runs on: no connector may connect to them. */
  readonly infrastructureHosts: readonly string[]
}

/** Every mistake in the configuration at once, each a sentence that begins with the variable's name. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map(text => `- ${text}`).join('\n')}`,
    )
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

export interface LoadConfigOptions {
  /** Read for what `environment` leaves open; need not exist. Null reads none. */
  readonly envFile: string | null
}

/** Throws `ConfigError`. An empty variable counts as not set. */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>>,
  { envFile }: LoadConfigOptions,
): Config {
  const fromFile = envFile === null ? {} : readEnvFile(envFile)
  const given = (name: string) => environment[name]?.trim() || fromFile[name]?.trim() || null
  const production = given(settings.environment.name) === 'production'
  const mistakes: string[] = []

  const parse = ([key, setting]: [string, Setting<unknown>]): [string, unknown] => {
    const raw = given(setting.name)
    const result = setting.schema.safeParse(raw ?? setting.default[production ? 'production' : 'development'])
    for (const issue of result.error?.issues ?? []) {
      const quoted = raw === null || setting.hidden || issue.message.includes('"') ? '' : `, not "${raw}"`
      mistakes.push(`${setting.name} ${issue.message}${quoted}.`)
    }
    return [key, result.data]
  }
  // The border between the list of settings and the type made from it: each key gets its own schema's output.
  const values = Object.fromEntries(Object.entries(settings).map(parse)) as unknown as SettingValues

  if (production && values.masterKeyFile === null) {
    mistakes.push(
      'MASTER_KEY_FILE is not set. Make a key with "(umask 077; openssl rand -base64 32 > master.key)", and keep a copy apart from the database.',
    )
  }
  mistakes.push(...authMistakes(values, production))
  for (const [name, endpoints] of [
    ['AWS_ENDPOINTS', values.awsEndpoints],
    ['CLOUD_ENDPOINTS', values.cloudEndpoints],
  ] as const) {
    for (const [key, url] of Object.entries(endpoints ?? {})) {
      if (url.startsWith('https:') || values.allowUnencrypted) continue
      mistakes.push(`${name} has "${key}=${url}" without encryption, which ALLOW_UNENCRYPTED=false forbids.`)
    }
  }
  // Only what says that no Vault is meant can be wrong about Vault while another setting cannot be read.
  const { vault, mistakes: vaultMistakes } =
    mistakes.length > 0 ? { vault: null, mistakes: [] } : vaultSettings(values, production)
  mistakes.push(...vaultMistakes, ...vaultEnvironmentMistakes(name => environment[name]?.trim() || null))
  const { jwt, mistakes: jwtMistakes } = jwtOf(values, production)
  mistakes.push(...jwtMistakes)
  if (mistakes.length > 0) throw new ConfigError(mistakes)

  const egress = Object.freeze({
    allow: Object.freeze(values.egressAllow),
    allowLoopback: !production,
    allowPrivate: !production,
    allowUnencrypted: values.allowUnencrypted,
  })
  Object.freeze(values.allowedOrigins)
  Object.freeze(values.awsEndpoints)
  Object.freeze(values.cloudEndpoints)
  const infrastructure = infrastructureHosts(
    values.databaseUrl?.reveal() ?? null,
    // Set by Kubernetes in every pod.
    environment['KUBERNETES_SERVICE_HOST']?.trim() ?? null,
    // The storage client's own default.
    environment['PGHOST']?.trim() ?? null,
    vault?.clusterAddresses ?? [],
  )
  return Object.freeze({
    ...values,
    production,
    vault,
    jwt,
    egress,
    infrastructureHosts: Object.freeze(infrastructure),
  })
}

function readEnvFile(path: string): Readonly<Record<string, string | undefined>> {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw new ConfigError([
      `The file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    ])
  }
  return parseEnv(content)
}

/** The settings as a Markdown table, for the documentation. */
export function configTable(): string {
  const code = (text: string) => `\`${text}\``
  const defaultOf = ({ default: { development, production } }: Setting<unknown>): string => {
    const word = (text: string | null) => (text ? code(text) : 'not set')
    return development === production ? word(development) : `${word(development)}; in production ${word(production)}`
  }
  const rows = Object.values(settings).map((setting: Setting<unknown>) =>
    [code(setting.name), setting.description, defaultOf(setting), code(setting.example)]
      .map(cell => cell.replaceAll('|', '\\|'))
      .join(' | '),
  )
  return ['Variable | Meaning | Default | Example', '--- | --- | --- | ---', ...rows]
    .map(row => `| ${row} |`)
    .join('\n')
}
