import type { DriverHttp } from './driver-http.ts'

/** One statement as the driver runs it. Its rows are read by `result-pages.ts`. */
export interface DriverStatement {
  /** Asks Snowflake to stop it. */
  cancel(done: (error: unknown) => void): void
}

export interface DriverStatementOptions {
  readonly sqlText: string
  readonly describeOnly?: boolean
  /** Session parameters that hold for this statement. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  /** Else the driver would collect all rows in memory. */
  readonly streamResult: true
  readonly complete: (error: unknown) => void
}

/** Of the driver's connection what is used here. */
export interface DriverConnection {
  connect(done: (error: unknown) => void): void
  execute(options: DriverStatementOptions): DriverStatement
  destroy(done: (error: unknown) => void): void
}

/**
 * The options that are ever given to the driver. It knows others that read files, open browsers, take the identity of this
 * machine or send what was typed somewhere else.
 */
export type DriverOptions = {
  /** As Snowflake writes it into tokens. */
  readonly account: string
  /** Account and host of the form, whatever address is dialled. */
  readonly host: string
  readonly accessUrl: string
  readonly username: string
  readonly role?: string
  readonly sfRetryMaxLoginRetries: 0
  readonly disableQueryContextCache: true
} & (
  | { readonly authenticator: 'SNOWFLAKE'; readonly password: string }
  /** PKCS #8 in PEM, not encrypted. */
  | { readonly authenticator: 'SNOWFLAKE_JWT'; readonly privateKey: string }
  | { readonly authenticator: 'OAUTH' | 'PROGRAMMATIC_ACCESS_TOKEN'; readonly token: string }
)

interface DriverCore {
  configure(options: object): void
  createConnection(options: DriverOptions): DriverConnection
}

type MakeCore = (parts: {
  readonly httpClient: DriverHttp
  readonly loggerClass: new () => object
  readonly client: { readonly version: string; readonly name: string; readonly environment: object }
}) => DriverCore

/**
 * Read when the driver is loaded: without them it asks the metadata services of three clouds who this machine is, and AWS
 * in this machine's name; loads a native library; reports what the form looked like; and makes a folder in the home of whoever
 * runs it, for answers about certificates that nobody asks for.
 */
const quiet = {
  SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
  SNOWFLAKE_DISABLE_MINICORE: 'true',
  SF_TELEMETRY_DISABLE_CONNECTION_SHAPE: 'true',
  // Which is there.
  SF_OCSP_RESPONSE_CACHE_DIR: '/',
} as const

Object.assign(process.env, quiet)
// Before the core takes it: it would look for a file with settings for logging in three folders.
const { default: starter } = await import('snowflake-sdk/dist/lib/logger/easy_logging_starter.js')
starter.init = async () => {}
const { default: core } = await import('snowflake-sdk/dist/lib/core.js')
// The border to the driver, whose types say only that there is something.
const makeCore = core as unknown as MakeCore
const { default: about } = await import('snowflake-sdk/package.json', { with: { type: 'json' } })

export const driverVersion: string = about.version

/**
 * The driver's own core, put together without the two parts that its entry adds: an HTTP client that follows redirects with
 * passwords in hand, tries again for minutes, asks OCSP responders that the peer's certificate names, and takes proxies from
 * the environment; and a logger that writes to the standard output and into a file. Both are ours.
 *
 * The core is no documented entry: the version is pinned, and the suites notice what changes.
 */
export function connectDriver(http: DriverHttp, options: DriverOptions): DriverConnection {
  const core = makeCore({
    httpClient: http,
    loggerClass: SilentLogger,
    client: { version: driverVersion, name: 'snowflake-sdk', environment: {} },
  })
  core.configure({
    disableOCSPChecks: true,
    useEnvProxy: false,
    // By default what is no JSON is run as code, then read as XML. No value gets that far: see `driver-http.ts`.
    jsonColumnVariantParser: (text: string) => text,
    xmlColumnVariantParser: (text: string) => text,
  })
  // It writes into what it is given.
  return core.createConnection({ ...options })
}

const nothing = () => {}

/** What the driver calls of a logger. */
class SilentLogger {
  readonly configure = nothing
  readonly error = nothing
  readonly warn = nothing
  readonly info = nothing
  readonly debug = nothing
  readonly trace = nothing
}
