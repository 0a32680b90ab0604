import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StepKey } from '../../src/connectors/connection-test.ts'
import { canarySecret, plainSecret } from '../canary/secrets.ts'
import { AwsDouble, type AwsDoubleOptions, type DoubleKey } from '../servers/aws-double.ts'
import { type SilentService, silentService } from './silent-service.ts'
import type { FixtureServer, Input } from './type-fixture.ts'

/** Patchbay's own identity, for roles. */
const identity = {
  accessKeyId: 'ASIAOPERATOROPERATOR',
  secretAccessKey: canarySecret(),
  sessionToken: plainSecret(),
}

export interface FixtureAwsOptions {
  /** What AWS hands out for a database, where there is one. */
  readonly database?: { readonly user: string; readonly password: string }
  readonly more?: AwsDoubleOptions
}

/** How a double is silent in the middle of a service's work, and how to see that it is. */
export interface SilentWork {
  readonly options: AwsDoubleOptions
  reached(double: AwsDouble): boolean
}

export interface AloneOptions {
  /** Of a step of an endpoint, where AWS is to be silent. */
  readonly silentStep?: string
  readonly silentWork?: SilentWork
  /** What whoever signs in is told, or asks without, in the place of an answer. */
  readonly refusal?: string
}

/** AWS before the servers of a fixture, for runs and for the whole program. */
export class FixtureAws {
  readonly #options: AwsDoubleOptions
  /** Of a user that it knows. */
  readonly accessKey = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: canarySecret(),
    sessionToken: plainSecret(),
  }
  /** One for all that want the same of it, so that one program can be told of it. */
  readonly #shared = new Map<string, Promise<AwsDouble>>()
  readonly #directory = join(tmpdir(), `patchbay-contract-${crypto.randomUUID()}`)

  constructor({ database, more }: FixtureAwsOptions = {}) {
    this.#options = {
      keys: Object.fromEntries(
        [this.accessKey, identity].map(({ accessKeyId, secretAccessKey, sessionToken }) => [
          accessKeyId,
          { secret: secretAccessKey, sessionToken },
        ]),
      ),
      ...(database && { database }),
      ...more,
      role: { id: 'ASIAROLEROLEROLEROLE', secret: canarySecret(), sessionToken: plainSecret() },
    }
  }

  /** Who may sign requests, by access key id, for doubles of services beside it. */
  get signers(): Readonly<Record<string, DoubleKey>> {
    const { keys = {}, role } = this.#options
    return { ...keys, ...(role && { [role.id]: role }) }
  }

  /** The server, with AWS on the way to it; silent at the step with the id `silentStep`. */
  async before(server: FixtureServer, silentStep?: string): Promise<FixtureServer> {
    return this.#around(server, await this.#sharedDouble('sound', {}), silentStep)
  }

  /** AWS as the only server of a type. */
  async alone(input: Input, { silentStep, silentWork, refusal }: AloneOptions = {}): Promise<FixtureServer> {
    const answer = { error: 'UnrecognizedClientException', message: refusal ?? '' }
    // Lists ask nobody who they are.
    const refused = ['AssumeRole', 'GetCallerIdentity', 'ListWorkGroups', 'ListDataCatalogs', 'ListDatabases'] as const
    const refusing: AwsDoubleOptions = refusal
      ? { at: Object.fromEntries(refused.map(action => [action, answer])) }
      : {}
    const double = silentWork
      ? await AwsDouble.start({ ...this.#options, ...silentWork.options })
      : await this.#sharedDouble(refusal ?? 'sound', refusing)
    const before = double.connections
    const server: FixtureServer = {
      input,
      reached: () => {
        if (!silentWork?.reached(double)) throw new Error('AWS is not at work yet.')
      },
      left: () => ({ 'running statements': double.athena.running }),
      connections: () => double.connections - before,
      [Symbol.asyncDispose]: async () => {
        if (silentWork) await double[Symbol.asyncDispose]()
      },
    }
    return this.#around(server, double, silentStep)
  }

  #sharedDouble(key: string, change: AwsDoubleOptions): Promise<AwsDouble> {
    const known = this.#shared.get(key)
    const double = known ?? AwsDouble.start({ ...this.#options, ...change }).then(started => started.unref())
    this.#shared.set(key, double)
    return double
  }

  async #around(server: FixtureServer, double: AwsDouble, silentStep: string | undefined): Promise<FixtureServer> {
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
    const [key = ''] = stepId.split(':')
    const silent = await silentService(key as StepKey)
    if (silent) return silent
    const double = await AwsDouble.start({ ...this.#options, at: silentSignIn })
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

/** What is asked first, of whichever service is here. */
const silentSignIn = {
  AssumeRole: 'HANG',
  GetCallerIdentity: 'HANG',
  GetClusterCredentialsWithIAM: 'HANG',
} as const
