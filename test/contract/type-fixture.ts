import type { StepKey } from '../../src/connectors/connection-test.ts'
import type { CommonType, ConnectorType } from '../../src/connectors/define.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import type { EnvironmentOptions } from '../servers/type-run.ts'

/** A form's input as a client writes it. */
export type Input = Readonly<Record<string, unknown>>

/**
 * Where a server is silent: in a step of a test, in the middle of a dataset's query, or in the middle of a listing, at the
 * first thing that a listing of every level asks for.
 */
export type SilentAt = StepKey | 'QUERY' | 'LISTING'

/** How the error text of a server that echoes begins, so that the suites can tell that it came through. */
export const echoWords = 'You have said'

export interface ServerOptions {
  /** Which of the fixture's `inputs` the server lets in; one of `served`. Default: the first of `served`. */
  readonly input?: string
  /**
   * Behaves until this step depends on it, and then says nothing more and closes nothing; further connections, such as
   * one that asks to cancel, are served as ever. RESOLVE and CONNECT are the same for most types: `silentName` and
   * `blackHole` of `silences.ts`.
   */
  readonly silentAt?: SilentAt
  /** The same at a step of another endpoint than the data source itself, by the step's id: one of `endpoints`. */
  readonly silentEndpoint?: string
  /**
   * Refuses the sign-in with an error text that repeats whatever secrets it has been sent or, where the protocol sends
   * none, those of its input (`secretsIn`): a hostile server, or one with a careless log line. The text begins with
   * `echoWords`.
   */
  readonly echoes?: boolean
}

/** A server, or a double of one, that the suite has started for one case. */
export interface FixtureServer extends AsyncDisposable {
  /** Valid input of the type's form that leads to this server: one of `inputs`, with host and port replaced. */
  readonly input: Input
  /** What a run must be told beside its input, such as the name servers to ask. Default: none that answers. */
  readonly surroundings?: EnvironmentOptions
  /** The same for the whole program, where it can be told: settings that lead it to this server. */
  readonly settings?: Readonly<Record<string, string>>
  /** With `silentAt`: throws until the run waits for what it will not be told. Polled, so that nothing has to sleep. */
  reached(): void | Promise<void>
  /** The reading query to give to this server, where it is not the fixture's `reads`. */
  readonly query?: Input
  /**
   * What is left of a run on the server's side, by what it is called: `open connections`, `running statements`. All
   * must come down to 0 when a run has ended, however it did. Empty only where there is nothing to be seen (`BlackHole`).
   */
  left(): Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>
  /** How many connections have been made to it so far: a query that is refused by its text must make none. */
  connections(): number
}

/** A dataset's query that reads, and what a sound server answers to it. */
export interface ReadingQuery {
  readonly query: Input
  readonly columns: readonly { readonly name: string; readonly type: CommonType }[]
  /** At least two, as the API gives them. */
  readonly rows: readonly (readonly unknown[])[]
}

/** What a type's `browse.ts` finds on a sound server. */
export interface ListedThings {
  /**
   * Names from the highest level down to something that has no children, each an entry of the listing of those before it:
   * `['shop', 'public', 'orders', 'id']`. One of them has a `query` that reads rows.
   */
  readonly path: readonly string[]
  /** At least two entries lie side by side at this depth of `path`, from 0, so that pages can be told apart. */
  readonly manyAt: number
  /** Form fields with live options, each with a value that must be among them. Every such field of the form is named. */
  readonly options: { readonly [field: string]: string }
  /** A path that leads nowhere, on a level that `path` does not end above. */
  readonly nowhere: readonly string[]
  /**
   * Set where the source can look only for names that begin so, with regard to case. For most types a search finds every name
   * that has the text in it.
   */
  readonly search?: 'BEGINNINGS'
}

/**
 * What the contract suites must know of a connector type to run it through everything that holds for every type.
 * Adding a type is writing one of these and a line in `fixtures.ts`.
 */
export interface TypeFixture {
  readonly type: ConnectorType
  /**
   * Valid inputs by a name that says what is special: between them every alternative of the form is chosen and every
   * field given, each secret as a value that nobody else uses (`canarySecret()`; keys and certificates as they are).
   */
  readonly inputs: Readonly<Record<string, Input>>
  /**
   * By hand, from the type's specification: paths of the secret fields, as `auth.password.password` and
   * `headers.*.value`. The suites compare it with what is generated from the form.
   */
  readonly secretFields: readonly string[]
  /**
   * By hand, from the type's specification: paths of the fields that decide where secrets go. Of a group or list that is
   * one as a whole only its own path: `hosts`, not `hosts.*.port`.
   */
  readonly destinationFields: readonly string[]
  /** Another valid value for text fields of which the suites cannot guess one, by path. */
  readonly otherValues?: Readonly<Record<string, unknown>>
  /** npm packages that only the children of the connector host may load for this type, with those that they bring. */
  readonly drivers: readonly string[]
  /** Names of `inputs` that a server of `start` lets in. */
  readonly served: readonly [string, ...string[]]
  /** What a test of a served input warns of, by step: its id, or its key for all of it. Every other step of it passes. */
  readonly warnings?: { readonly [idOrKey: string]: ProblemCode }
  /**
   * Steps of endpoints that have to be passed first, at which `start` can be silent, and what they are called then. Where
   * ids have ports of doubles in them, a key alone stands for the first step of the plan that has it.
   */
  readonly endpoints?: {
    /** One of `served`. */
    readonly input: string
    readonly timeouts: { readonly [stepIdOrKey: string]: ProblemCode }
  }
  /**
   * What a step is called whose budget ran out, where it is not what it is for most types (`scenes.ts`). `warns`: it goes on
   * without those that are silent, when others have answered. `skips`: what it would have measured remains unknown.
   */
  readonly timeouts?: {
    readonly [K in StepKey]?: ProblemCode | { readonly warns: ProblemCode } | { readonly skips: ProblemCode }
  }
  /**
   * The hosts of TOPOLOGY are asked for in a session: it comes after OPEN, at no endpoint, and does not fail the test. For most
   * types it is a step of the network.
   */
  readonly topologyInSession?: boolean
  /** Where a server refuses who asks, if not at SIGN_IN. */
  readonly refusesAt?: StepKey
  /** Why tests of the type say nothing of what the account may do, where their plan has no LEAST_PRIVILEGE. */
  readonly knowsNoRights?: string
  /** Steps of the plan at which no server can be silent, each with the reason. */
  readonly neverSilent: { readonly [K in StepKey]?: string }
  /** Why nothing of a server's own words is ever shown, where that is so: else what echoes must be seen to come through. */
  readonly neverEchoes?: string
  start(options?: ServerOptions): Promise<FixtureServer>
  readonly reads: ReadingQuery
  /** What can be listed of the server of `start`; absent for types without `browse.ts`. */
  readonly lists?: ListedThings
  /**
   * Queries that would change something, as many kinds as there are ways to say them in the type's query form; all must be
   * refused before anything is sent. A sentence that says why, where the query form cannot even express one.
   */
  readonly writes: readonly Input[] | string
}
