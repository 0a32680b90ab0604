import type { OperatorAws } from './aws/identity.ts'
import type { BrowseModule } from './browse.ts'
import type { PlannedStep, StepKey, StepReport } from './connection-test.ts'
import type { Evidence } from './evidence.ts'
import type { Form, FormValue } from './form.ts'
import type { JsonValue } from './json.ts'
import type { JsonRows } from './json-rows.ts'
import type { Logo } from './logo.ts'
import type { Problem } from './problem.ts'
import type { ProblemCode } from './problem-table.ts'

/** A package that a type's half in the connector host loads. */
export interface DriverPackage {
  readonly name: string
  /** The version that this program was tested with. */
  readonly version: string
}

/** How far a type may be relied upon. Dates are `YYYY-MM-DD`. */
export type Maturity =
  | { readonly level: 'STABLE' }
  | { readonly level: 'BETA'; readonly reason: string }
  /** `successor`: the name of the type to use instead. */
  | {
      readonly level: 'DEPRECATED'
      readonly since: string
      readonly successor?: string
      readonly reason: string
    }

export type Category = 'DATABASE' | 'WAREHOUSE' | 'STORAGE' | 'API' | 'DEVELOPMENT'
/** Settings with which the operator turns connector types on and off. */
export type TypeSwitch = 'SIMULATOR'

/** A host and a port as a form has them. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Whom a run signs in as, and where: repeated failures of one account must not lock it. */
export interface SignInAccount {
  /** The key of the step that signs in. */
  readonly step: 'SIGN_IN' | 'TUNNEL'
  /** What identifies the service: a host and port, an account name. */
  readonly service: string
  readonly username: string
}

/** What a step may use of its surroundings, whatever the type. Given by the connector host. */
export interface RunEnvironment {
  /** Operator settings that decide what may be dialled. Plain data, sent by the parent. */
  readonly network: NetworkSettings
  /** Whether a step may cost money or start a machine. */
  readonly mayStartCompute: boolean
  /** Only for runs whose configuration assumes a role by the operator's own identity: see `assumesRole`. */
  readonly operatorAws?: OperatorAws
}

export interface NetworkSettings {
  readonly egress: EgressSettings
  /** The hosts file's entries, lower-case name -> addresses: the sandbox cannot read the file itself. */
  readonly hosts: { readonly [name: string]: readonly string[] }
  /** `ip:port` of the name servers to ask. */
  readonly nameServers: readonly string[]
  /** Domains that short names are looked up in, in order, as the machine's resolver would. */
  readonly searchDomains: readonly string[]
  /** A name with at least so many dots is tried as it is before the search domains. */
  readonly dotsBeforeSearch: number
  /** Addresses of what Patchbay itself runs on, such as its database: never dialled, whatever the operator opened. */
  readonly infrastructure: readonly string[]
  /** Endpoints that the operator has put in the place of AWS' own: `redshift` or `redshift.eu-west-1` -> its URL. */
  readonly awsEndpoints?: { readonly [service: string]: string }
  /** The same for clouds that have one name for a service: `bigquery.googleapis.com` or `*.domain` -> its URL. */
  readonly cloudEndpoints?: { readonly [host: string]: string }
  /** Whether a form may name a server of its own in the place of a cloud's; absent for no. */
  readonly customEndpoints?: boolean
}

export interface EgressSettings {
  /** `CIDR`, `CIDR:port` (IPv6 as `[2001:db8::]/32:5432`) that the operator opened beyond the public internet. */
  readonly allow: readonly string[]
  readonly allowLoopback: boolean
  readonly allowPrivate: boolean
  /** Whether `tls.mode = DISABLE` may be used. */
  readonly allowUnencrypted: boolean
}

export interface StepContext {
  /** Aborts at the step's budget, on cancellation and at the test's deadline. */
  readonly signal: AbortSignal
  readonly budgetMs: number
  readonly target: string | null
  readonly environment: RunEnvironment
  /** Tells the reader what is going on: "warehouse is starting". */
  note(text: string): void
}

export type Step = (context: StepContext) => Promise<StepReport>

/** One run of a type's plan. Its steps share what they build (addresses, socket, session) inside the closure. */
export interface TestRun {
  readonly steps: { readonly [K in StepKey]?: Step }
  /** The problem to report when a step's budget ran out; default by step key in `host/run-test.ts`. */
  timedOut?(key: StepKey, seconds: number): Problem
  /** Frees sockets and sessions; bounded, never throws, may be called at any point. */
  close(): Promise<void>
}

export type CommonType =
  | 'TEXT'
  | 'INTEGER'
  | 'DECIMAL'
  | 'FLOAT'
  | 'BOOLEAN'
  | 'DATE'
  | 'TIME'
  | 'TIMESTAMP'
  | 'JSON'
  | 'BINARY'
  | 'LIST'
  | 'OTHER'

export interface ResultColumn {
  readonly name: string
  readonly nativeType: string
  readonly type: CommonType
}

export interface QueryLimits {
  readonly maxRows: number
  /** Of the rows' JSON, with the comma that follows each. */
  readonly maxBytes: number
}

export interface QueryContext {
  readonly signal: AbortSignal
  readonly environment: RunEnvironment
  readonly limits: QueryLimits
}

/** JSON values in column order; integers beyond 2^53, decimals and instants are text. */
export type Row = readonly JsonValue[]

/** Where a type's query puts what it reads. The limits are kept here, whatever the type does about them. */
export interface RowSink {
  /** Told once, before any row and also when there are none. */
  columns(columns: readonly ResultColumn[]): void
  /**
   * Resolves when there is room for more, so that a slow reader slows down the source: nothing is read meanwhile, and at
   * most one call at a time is made. False: the reader has enough, and nothing more may be given. Rejects with the
   * signal's reason when the query is cancelled.
   */
  rows(rows: readonly Row[]): Promise<boolean>
  /**
   * The same for rows that are JSON already, where a driver's values would be made only to be written as JSON again. They
   * may be changed, and used again, when it resolves.
   */
  json(rows: JsonRows): Promise<boolean>
}

/** How a query's rows ended. */
export type QueryEnd =
  /** `truncated`: whether there was more than the limits let through. */
  { readonly kind: 'COMPLETE'; readonly truncated: boolean } | { readonly kind: 'PROBLEM'; readonly problem: Problem }

/** A whole result in memory, as the limits allow. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly Row[]
  /** Whether there was more than the limits let through. */
  readonly truncated: boolean
}

export type QueryOutcome =
  | { readonly kind: 'RESULT'; readonly result: QueryResult }
  | { readonly kind: 'PROBLEM'; readonly problem: Problem }

/** `steps.ts` of a type: loaded only inside the connector host. */
export interface StepsModule<Config> {
  startTest(config: Config, environment: RunEnvironment): TestRun
}

/** `query.ts` of a type: loaded only inside the connector host. */
export interface QueryModule<Config, Query> {
  /** Gives columns and rows to `sink` as they come. An error that it throws is reported as UNCLASSIFIED. */
  runQuery(config: Config, query: Query, context: QueryContext, sink: RowSink): Promise<QueryEnd>
}

export interface ConnectorTypeOptions<F extends Form, Q extends Form> {
  /** SCREAMING_CASE, the GraphQL enum value: `POSTGRES`. */
  readonly name: string
  /** The key of this type in `ConnectorConfigInput` and the field name of its configuration: `postgres`. */
  readonly inputKey: string
  /** Raised when a change to the form or the plan makes earlier test results meaningless. */
  readonly version: number
  readonly kind: 'SPECIFIC' | 'GENERIC'
  readonly category: Category
  readonly label: string
  readonly description: string
  /** Relative to the documentation's root. */
  readonly docsPath: string
  /** The setting that turns this type on; absent for types that are always on. */
  readonly switchedBy?: TypeSwitch
  /** Other words by which it may be looked for: products that speak the same protocol, families. */
  readonly keywords: readonly string[]
  readonly logo: Logo
  readonly maturity: Maturity
  /** What has to be installed for it; optional dependencies may not be. */
  readonly drivers: readonly DriverPackage[]
  /** Set where the source itself is told that nothing may be written in the session. */
  readonly readOnlySession?: true
  readonly form: F
  /** The form of a dataset's query on this type. */
  readonly queryForm: Q
  /** The test plan for one configuration, in order. Pure and quick: it is the first event of every test. */
  plan(config: FormValue<F>): readonly PlannedStep[]
  /** The SSH server that this configuration goes through; null, and for types without the block absent, when none. */
  readonly tunnel?: (config: FormValue<F>) => Endpoint | null
  /** The accounts that a run of this configuration signs in to; absent for types that never sign in. */
  readonly accounts?: (config: FormValue<F>) => readonly SignInAccount[]
  /** Whether a run of this configuration assumes an AWS role, and so needs the operator's own identity; absent for never. */
  readonly assumesRole?: (config: FormValue<F>) => boolean
  /** Set where the driver keeps state in its process that no run may leave to another: each gets a process of its own. */
  readonly needsOwnProcess?: true
  /**
   * Bytes that a server may send on one socket during a query, for types that read much more than they answer, such as
   * files from their beginning; absent for a multiple of the rows.
   */
  readonly maxQueryWireBytes?: number
  /** Codes that this type's tests and queries may report, for its page of the problem catalogue. */
  readonly problems: readonly ProblemCode[]
  /** Longest time a preview may take, in milliseconds. */
  queryBudgetMs(config: FormValue<F>): number
  /** The driver's half: these modules import the driver and may be loaded only in the connector host. */
  readonly loadSteps: () => Promise<StepsModule<FormValue<F>>>
  readonly loadQuery: () => Promise<QueryModule<FormValue<F>, FormValue<Q>>>
  /** Lists of what the source holds; absent for types that cannot tell. */
  readonly loadBrowse?: () => Promise<BrowseModule<FormValue<F>>>
}

/** A connector type whose configuration type has been forgotten, so that types can share a list. */
export type ConnectorType = ConnectorTypeOptions<Form, Form>

/**
 * Declares a connector type. The result no longer knows the configuration's exact type: values that reach `plan`,
 * `startTest` and `runQuery` have passed `form.schema`, which is what makes forgetting it safe.
 */
export function defineConnector<F extends Form, Q extends Form>(options: ConnectorTypeOptions<F, Q>): ConnectorType {
  return options as unknown as ConnectorType
}

/** How long a step of each kind may take unless its plan says otherwise, in milliseconds. */
export const defaultBudgetsMs: Record<StepKey, number> = {
  RESOLVE: 3_000,
  EGRESS: 1_000,
  TUNNEL: 10_000,
  CONNECT: 5_000,
  GREET: 3_000,
  SECURE: 5_000,
  TOPOLOGY: 10_000,
  SIGN_IN: 10_000,
  OPEN: 10_000,
  READ: 10_000,
  LEAST_PRIVILEGE: 10_000,
}

/** One line of a plan. `budgetMs` defaults by key; only LEAST_PRIVILEGE is not required by default. */
export function plannedStep(
  key: StepKey,
  title: string,
  options: { readonly budgetMs?: number; readonly target?: string; readonly required?: boolean } = {},
): PlannedStep {
  return {
    id: options.target ? `${key}:${options.target}` : key,
    key,
    target: options.target ?? null,
    title,
    required: options.required ?? key !== 'LEAST_PRIVILEGE',
    budgetMs: options.budgetMs ?? defaultBudgetsMs[key],
  }
}

export const passed = (evidence: readonly Evidence[] = [], note: string | null = null): StepReport => ({
  status: 'PASSED',
  evidence,
  problem: null,
  note,
})
export const warning = (problem: Problem, evidence: readonly Evidence[] = []): StepReport => ({
  status: 'WARNING',
  evidence,
  problem,
})
export const failed = (problem: Problem, evidence: readonly Evidence[] = []): StepReport => ({
  status: 'FAILED',
  evidence,
  problem,
})
/** For a step that could not be measured: never a pass. */
export const skipped = (problem: Problem, evidence: readonly Evidence[] = []): StepReport => ({
  status: 'SKIPPED',
  evidence,
  problem,
})
