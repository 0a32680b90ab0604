import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canarySecret, plainSecret } from '../canary/secrets.ts'
import { type Action, AwsDouble, type AwsDoubleOptions, type DoubleKey } from '../servers/aws-double.ts'
import { silentServer } from '../servers/hostile-servers.ts'
import type { EnvironmentOptions } from '../servers/type-run.ts'
import { blackHole, silentName } from './silences.ts'
import type { FixtureServer } from './type-fixture.ts'

/** Patchbay's own identity, for roles. */
const identity = {
  accessKeyId: 'ASIAOPERATOROPERATOR',
  secretAccessKey: canarySecret(),
  sessionToken: plainSecret(),
}

export interface FixtureAwsOptions {
  /** Who may sign requests, by access key id. */
  readonly keys: Readonly<Record<string, DoubleKey>>
  readonly user: string
  readonly password: string
}

/** What says nothing in the place of a service of AWS. */
interface SilentService extends AsyncDisposable {
  readonly url: string
  readonly surroundings?: EnvironmentOptions
  readonly openConnections: number
  reached(): void | Promise<void>
}

/** AWS before the servers of a fixture, for runs and for the whole program. */
export class FixtureAws {
  readonly #options: AwsDoubleOptions
  /** One for all that find it sound, so that one program can be told of it. */
  #sound: Promise<AwsDouble> | null = null
  readonly #directory = join(tmpdir(), `patchbay-contract-${crypto.randomUUID()}`)

  constructor({ keys, user, password }: FixtureAwsOptions) {
    const { accessKeyId, secretAccessKey: secret, sessionToken } = identity
    this.#options = {
      keys: { ...keys, [accessKeyId]: { secret, sessionToken } },
      database: { user, password },
      role: { id: 'ASIAROLEROLEROLEROLE', secret: canarySecret(), sessionToken: plainSecret() },
    }
  }

  /** The server, with AWS on the way to it; silent at the step with the id `silentStep`. */
  async before(server: FixtureServer, silentStep?: string): Promise<FixtureServer> {
    this.#sound ??= AwsDouble.start(this.#options).then(double => double.unref())
    const double = await this.#sound
    const silent = silentStep === undefined ? null : await this.#silentService(silentStep)
    const service = silentStep?.split(/[:.]/)[1] ?? ''
    const endpoints = { ...double.endpoints, ...(silent && { [service]: silent.url }) }
    const directory = this.#directory
    const identityFile = await this.#identityFile()
    return {
      ...server,
      surroundings: {
        ...silent?.surroundings,
        network: { awsEndpoints: endpoints },
        operatorAws: { identity, externalId: 'patchbay-contract' },
      },
      settings: {
        AWS_IDENTITY_FILE: identityFile,
        AWS_ENDPOINTS: Object.entries(endpoints)
          .map(([name, url]) => `${name}=${url}`)
          .join(','),
      },
      reached: () => (silent ?? server).reached(),
      left: async () => ({
        ...(await server.left()),
        'connections to AWS': double.openConnections + (silent?.openConnections ?? 0),
      }),
      async [Symbol.asyncDispose]() {
        await silent?.[Symbol.asyncDispose]()
        await rm(directory, { recursive: true, force: true })
        await server[Symbol.asyncDispose]()
      },
    }
  }

  /** Always at the same place; only there while a server is, because nobody tells when the last one is gone. */
  async #identityFile(): Promise<string> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const file = join(this.#directory, 'identity.json')
    const { accessKeyId, secretAccessKey, sessionToken } = identity
    const printed = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken }
    await writeFile(file, JSON.stringify(printed), { mode: 0o600 })
    return file
  }

  async #silentService(stepId: string): Promise<SilentService> {
    const [key, target = ''] = stepId.split(':')
    switch (key) {
      case 'RESOLVE':
        return silentAddress(await silentName(at))
      case 'CONNECT':
        return silentAddress(await blackHole(at))
      case 'SECURE': {
        const server = await silentServer()
        return {
          url: `https://127.0.0.1:${server.port}`,
          get openConnections() {
            return server.openConnections
          },
          reached: () => {
            if (server.received.length === 0) throw new Error('Nobody has begun a handshake.')
          },
          [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
        }
      }
      default: {
        const action: Action = target.startsWith('sts.') ? 'AssumeRole' : 'GetClusterCredentialsWithIAM'
        const double = await AwsDouble.start({ ...this.#options, at: { [action]: 'HANG' } })
        return {
          url: double.url,
          get openConnections() {
            return double.openConnections
          },
          reached: () => {
            if (double.held === 0) throw new Error('AWS has not been asked.')
          },
          [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
        }
      }
    }
  }
}

const at = (host: string, port: number) => ({ host, port })

const silentAddress = ({ input, surroundings = {}, ...server }: FixtureServer): SilentService => ({
  url: `http://${String(input['host'])}:${String(input['port'])}`,
  surroundings,
  openConnections: 0,
  reached: () => server.reached(),
  [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
})
