import type { Database } from '../../src/db/database.ts'
import { argumentsAt } from './place-arguments.ts'
import type { Parties } from './probes.ts'
import { withoutNames } from './same-but-for-names.ts'
import { recorded, type Trace } from './statement-recorder.ts'
import type { Tenant } from './tenant.ts'
import { schema } from './tenant-world.ts'
import type { PlaceCase } from './walker-cases.ts'
import { type OperationKind, type Step, wholeOperation } from './whole-operation.ts'
import { changeOf, hashOf, stateOf } from './workspace-state.ts'

/** Everything that south, and whoever watches it, can know of one operation. */
export interface Outcome {
  readonly answer: string
  /** Statements and wake-ups, in order. */
  readonly trace: Trace
  /** Rows of its own workspace that the operation added and took away. */
  readonly change: readonly string[]
}

export interface Walk {
  readonly database: Database
  readonly south: Tenant
  /** South as another viewer: of whom the same is noted for the first time, however often others were refused. */
  readonly somebody: (viewerId: string) => Tenant
  readonly depth: number
  /** Waits until nothing goes on any more that an operation of this workspace began; what waits there is cancelled. */
  settled(parties: Parties): Promise<void>
}

let tags = 1_000

/** What south gets when it puts `value` into the place. */
export async function put(
  walk: Walk,
  place: string,
  { kind, above, args }: PlaceCase,
  parties: Parties,
  value: unknown,
  isAccepted: boolean,
): Promise<Outcome> {
  const tag = `tag-${tags++}`
  const field = place.split('.')[1] ?? ''
  const steps = [...above(parties), { field, args: argumentsAt(schema, place, args(parties, tag), value) }]
  const actor = isAccepted ? walk : { ...walk, south: walk.somebody(tag) }
  return perform(actor, kind, steps, parties, { given: [tag, ...textsOf(value)], isAccepted })
}

/** What south gets for one operation. */
export async function perform(
  { database, south, depth, settled }: Walk,
  kind: OperationKind,
  steps: readonly Step[],
  parties: Parties,
  { given, isAccepted }: { readonly given: readonly string[]; readonly isAccepted: boolean },
): Promise<Outcome> {
  // What is below an event is read while the test goes on.
  const operation = wholeOperation(schema, kind, steps, kind === 'subscription' ? Math.min(depth, 2) : depth)
  const before = await stateOf(database, south.workspace)
  const { result: answer, trace } = await recorded(() =>
    kind === 'subscription' ? south.follow(operation) : south.run(operation),
  )
  await settled(parties)
  const change = changeOf(before, await stateOf(database, south.workspace))
  const nameless = (text: string) => withoutNames(text, [south.workspace, ...given])
  return {
    answer: isAccepted ? nameless(answer.text) : answer.text,
    trace: database.dialect === 'postgres' ? withoutOrder(trace, isAccepted) : trace,
    // Of what is refused too: a note of it names what was asked for, and when.
    change: change.map(nameless).sort(),
  }
}

/**
 * PostgreSQL is asked several things at once: when it has answered decides what is asked next, and in long answers also
 * what is asked together.
 */
const withoutOrder = (trace: Trace, isLong: boolean): Trace => (isLong ? [...new Set(trace)] : [...trace]).sort()

/** Every text in a value, and the row ids in global ids. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.length < 4 ? [] : [value, ...decodedId(value)]
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(textsOf)
  return []
}

const decodedId = (text: string): readonly string[] => {
  const [, id] = /^\w+:([\w-]+)$/.exec(Buffer.from(text, 'base64url').toString()) ?? []
  return id === undefined ? [] : [id]
}

/** The state of a workspace that nobody may touch. */
export const sealOf = async (database: Database, workspace: string): Promise<string> =>
  hashOf(await stateOf(database, workspace))
