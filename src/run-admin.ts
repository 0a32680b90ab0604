import { parseArgs } from 'node:util'
import pino from 'pino'
import { auditExport } from './admin/audit-log/audit-export.ts'
import { auditVerify } from './admin/audit-log/audit-verify.ts'
import { type Admin, type Command, type CommandOptions, exitCodes, type OpenKeys, UsageError } from './admin/command.ts'
import { keysRotate } from './admin/keys-rotate.ts'
import { secretsAudit } from './admin/secrets-audit.ts'
import { secretsMigrate } from './admin/secrets-migrate.ts'
import { tokensCreate } from './admin/tokens-create.ts'
import { tokensList } from './admin/tokens-list.ts'
import { tokensRevoke } from './admin/tokens-revoke.ts'
import { vaultProvision } from './admin/vault-provision.ts'
import { type Config, loadConfig } from './config.ts'
import type { Database } from './db/database.ts'
import { openDatabaseBeside } from './db/open-database.ts'
import { createLogger } from './log.ts'
import { operatorWords } from './operator-words.ts'
import { checkMasterKeys } from './secrets/check-master-keys.ts'
import { createDigester } from './secrets/keyed-digester.ts'
import { createKeyring } from './secrets/keyring.ts'
import { loadMasterKey, loadOtherMasterKeys } from './secrets/master-key.ts'
import { openSecretStores } from './secrets/open-secret-stores.ts'
import { createSecretVersions } from './services/secret-versions.ts'

export interface AdminPaths {
  readonly migrationsDirectory: string
  readonly envFile: string
  /** Whether it runs from `dist`, which is called in another way. */
  readonly isBundle: boolean
}

const commands: readonly Command[] = [
  secretsAudit,
  secretsMigrate,
  keysRotate,
  vaultProvision,
  auditVerify,
  auditExport,
  tokensCreate,
  tokensList,
  tokensRevoke,
]

/** Runs one command with the configuration of the server; answers the exit code of the program. */
export async function runAdmin(words: readonly string[], paths: AdminPaths): Promise<number> {
  const [name = '', ...rest] = words
  const command = commands.find(each => each.name === name)
  if (!command) {
    const isAsked = ['--help', '-h', 'help'].includes(name)
    const stream = isAsked ? process.stdout : process.stderr
    stream.write(`${name === '' || isAsked ? '' : `There is no command "${name}".\n\n`}${commandList(paths)}`)
    return isAsked ? exitCodes.DONE : exitCodes.MISUSED
  }
  try {
    const options = optionsOf(command, rest)
    if (options['help'] === true) {
      process.stdout.write(commandHelp(command, paths))
      return exitCodes.DONE
    }
    return await runCommand(command, options, paths)
  } catch (error) {
    const isUsage = error instanceof UsageError
    process.stderr.write(`${isUsage ? error.message : operatorWords(error)}\n`)
    return exitCodes.MISUSED
  }
}

function optionsOf({ options, name }: Command, words: readonly string[]): CommandOptions {
  const common = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: [...words], options: { ...options, ...common }, strict: true }).values
  } catch (error) {
    // Of Node's parser: "Unknown option '--wrong'", sometimes with a sentence after it.
    const words = String(error instanceof Error ? error.message : error).replace(/\.$/, '')
    throw new UsageError(`${words}. See "${name} --help".`)
  }
}

async function runCommand(command: Command, options: CommandOptions, paths: AdminPaths): Promise<number> {
  // An operator's shell may well have a token of Vault's own tools; no command uses that one.
  const { VAULT_TOKEN: _, ...environment } = process.env
  const config = loadConfig(environment, { envFile: paths.envFile })
  const isJson = options['json'] === true
  const closers: (() => Promise<void>)[] = []
  const stop = new AbortController()
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(exitCodes.LEFT)
    stop.abort(signal)
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  let isBegun = false
  try {
    const admin = adminOf(config, paths, closers, {
      signal: stop.signal,
      progress: line => {
        if (!isJson) process.stdout.write(`${line}\n`)
      },
      begin: () => {
        isBegun = true
      },
    })
    const { exitCode, lines, notes = [], json } = await command.run(admin, options)
    const answer = isJson ? [JSON.stringify(json)] : lines
    process.stdout.write(answer.map(line => `${line}\n`).join(''))
    if (!isJson) process.stderr.write(notes.map(line => `${line}\n`).join(''))
    return exitCode
  } catch (error) {
    if (!isBegun || error instanceof UsageError) throw error
    // MISUSED would say that nothing was done.
    process.stderr.write(`${operatorWords(error)}\nStopped before the end. Repeat this: it goes on where it was.\n`)
    return exitCodes.LEFT
  } finally {
    for (const close of closers.reverse()) await close()
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

function adminOf(
  config: Config,
  { migrationsDirectory }: AdminPaths,
  closers: (() => Promise<void>)[],
  { signal, progress, begin }: Pick<Admin, 'signal' | 'progress'> & { begin(): void },
): Admin {
  // The answer goes to standard output, and so do servers' logs; this is no server.
  const logger = createLogger(config.logLevel, pino.destination(2))

  const openDatabase = async (): Promise<Database> => {
    const { dataDirectory, databaseUrl } = config
    const url = databaseUrl?.reveal() ?? null
    const database = await openDatabaseBeside({ url, dataDirectory, migrationsDirectory })
    closers.push(() => database.close())
    return database
  }
  const openKeys = async (): Promise<OpenKeys> => {
    const { dataDirectory, production } = config
    const database = await openDatabase()
    const primary = await loadMasterKey({ file: config.masterKeyFile, dataDirectory, production, mayMake: false })
    const masterKeys = { primary, others: await loadOtherMasterKeys(config.otherMasterKeyFiles) }
    await checkMasterKeys(database, masterKeys)
    // Keys that none of them wraps are for the commands to report.
    return { database, masterKeys, keyring: createKeyring(database, masterKeys) }
  }

  return {
    settings: config,
    signal,
    progress,
    openDatabase,
    openKeys: async () => {
      const keys = await openKeys()
      begin()
      return keys
    },
    openSecrets: async () => {
      const keys = await openKeys()
      const { secretStore: primary, vault } = config
      const stores = await openSecretStores({ ...keys, primary, vault, logger })
      closers.push(() => stores.close())
      const secretVersions = createSecretVersions({
        database: keys.database,
        stores,
        digester: createDigester(keys.keyring),
        onRead: read => logger.info(read, 'Secrets read'),
      })
      begin()
      return { ...keys, stores, secretVersions }
    },
  }
}

const callOf = (name: string, { isBundle }: AdminPaths): string =>
  isBundle ? `node dist/admin.js ${name}` : `npm run ${name} --`

function commandList(paths: AdminPaths): string {
  const lines = [
    'Administration of Patchbay, beside running servers and with their configuration:',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(18)} ${summary}`),
    '',
    `Call one as "${callOf('NAME', paths)} ...", with --help for its options.${elsewhere(paths)}`,
  ]
  return `${lines.join('\n')}\n`
}

function commandHelp({ name, summary, usage }: Command, paths: AdminPaths): string {
  const lines = [`${callOf(name, paths)} ...`, '', summary, '', ...usage.map(line => (line === '' ? '' : `  ${line}`))]
  return `${lines.join('\n')}\n${elsewhere(paths).trim()}\n`.replace(/\n\n$/, '\n')
}

const elsewhere = ({ isBundle }: AdminPaths): string =>
  isBundle ? '' : '\nWhere Patchbay is built and not developed: "node dist/admin.js NAME ...".'
