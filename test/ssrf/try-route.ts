import type { ConnectorType, NetworkSettings } from '../../src/connectors/define.ts'
import type { ConnectorHost } from '../../src/connectors/host/connector-host.ts'
import type { StepMessage } from '../../src/connectors/host/protocol.ts'
import type { DialledField } from './dialled-fields.ts'

/** What a user sees of an attempt: the form's refusal, or the test's steps without their times and what was typed. */
export type Answer =
  | { readonly kind: 'REFUSED_BY_FORM'; readonly paths: readonly string[] }
  | { readonly kind: 'TESTED'; readonly messages: readonly StepMessage[] }

export interface Attempt {
  readonly type: ConnectorType
  readonly field: DialledField
  readonly host: string
  readonly port: number
  readonly network: NetworkSettings
  readonly workspaceId: string
}

/** Goes the way of a connection test: the type's form, its plan, then the steps in a child of the connector host. */
export async function tryRoute(connectorHost: ConnectorHost, attempt: Attempt): Promise<Answer> {
  const { type, field, host, port, network, workspaceId } = attempt
  const parsed = type.form.schema.safeParse(field.input(host, port))
  if (!parsed.success) {
    return { kind: 'REFUSED_BY_FORM', paths: parsed.error.issues.map(({ path }) => path.join('.')) }
  }
  const config = parsed.data as Parameters<ConnectorType['plan']>[0]
  const plan = type.plan(config)
  const messages: StepMessage[] = []
  const environment = { network, mayStartCompute: false }
  const outcome = await connectorHost.test(
    { kind: 'TEST', typeName: type.name, config, plan, environment },
    message => messages.push(message.kind === 'STEP_FINISHED' ? { ...message, durationMs: null } : message),
    { workspaceId, signal: new AbortController().signal, deadlineMs: 30_000 },
  )
  if (outcome.kind === 'FAILED') throw new Error(outcome.problem.message)
  // Behind a tunnel a step's id has what was typed in it.
  const typed = [...new Set(plan.flatMap(({ target }) => target ?? []))].map(target =>
    JSON.stringify(target).slice(1, -1),
  )
  const text = typed.reduce((all, target) => all.replaceAll(target, 'as typed'), JSON.stringify(messages))
  return { kind: 'TESTED', messages: JSON.parse(text) as StepMessage[] }
}

/** Runs `work` over all items, so many at a time. */
export async function inLanes<Item, Result>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, lane: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const left = items.entries()
  const run = async (lane: number) => {
    for (const [index, item] of left) results[index] = await work(item, lane)
  }
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)))
  return results
}
