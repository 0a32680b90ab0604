import type { StepStatus, TestStatus } from '../connectors/connection-test.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import { defineConnectionTestChange } from './connection-test-changes.ts'
import { type StepView, type TestView, viewOfRow, viewOfStep } from './connection-test-view.ts'
import type { Context } from './context.ts'
import { describedValues } from './enum-values.ts'
import { defineEvidence } from './evidence.ts'
import { encodeGlobalId } from './global-id.ts'
import type { SchemaParts } from './nouns.ts'
import { implementConnection } from './page.ts'
import type { ProblemRef } from './problem.ts'

const stepStatuses: Record<StepStatus, string> = {
  PENDING: 'It has not begun.',
  RUNNING: 'It is under way.',
  PASSED: 'It ran, and what it claims was measured.',
  WARNING: 'It ran, and something should be mended.',
  FAILED: 'It ran and failed.',
  SKIPPED: 'It did not run, or could not measure what it is about.',
  CANCELLED: 'The test was cancelled, or its process was lost, before it ended.',
}
const testStatuses: Record<TestStatus, string> = {
  RUNNING: 'It is under way.',
  PASSED: 'Every required step passed.',
  PASSED_WITH_WARNINGS: 'Every required step passed, and something should be mended.',
  FAILED: 'A required step failed.',
  CANCELLED: 'It was cancelled.',
  ERRORED: 'It could not be run to its end, through no fault of the data source.',
}

const rowOf = async (view: TestView, { loaders }: Context): Promise<ConnectionTestRow> => {
  const row = view.row ?? (await loaders.connectionTest.load(view.id))
  if (!row) throw new Error(`The connection test ${view.id} is gone.`)
  return row
}

export function defineConnectionTests(parts: SchemaParts, problem: ProblemRef) {
  const { builder, registry, nouns } = parts
  const step = defineStep(parts, problem)
  const change = defineConnectionTestChange(parts)
  const status = builder.enumType('ConnectionTestStatus', {
    description: 'How a connection test stands.',
    values: describedValues(testStatuses),
  })
  nouns.connectionTest.implement({
    description: 'One run of the test plan of a connector type.',
    interfaces: [builder.nodeInterfaceRef()],
    fields: t => ({
      id: t.id({
        description: 'Globally unique and opaque.',
        resolve: ({ id }) => encodeGlobalId('ConnectionTest', id),
      }),
      status: t.field({ type: status, description: 'How it stands.', resolve: ({ snapshot }) => snapshot.status }),
      connector: t.field({
        type: nouns.connector,
        nullable: true,
        description: 'The connector that was tested; null for a draft, and once the connector was deleted.',
        authScopes: { scope: 'connectors:read' },
        resolve: async (view, _args, context) => {
          const { connectorId } = await rowOf(view, context)
          return connectorId === null ? null : context.loaders.connector.load(connectorId)
        },
      }),
      connectorType: t.field({
        type: nouns.connectorType,
        description: 'The type whose plan was run.',
        resolve: async (view, _args, context) => registry.byName((await rowOf(view, context)).typeName),
      }),
      steps: t.field({
        type: [step],
        description: 'The whole plan in order, with what became of each step so far.',
        resolve: ({ id, snapshot }) => snapshot.steps.map(each => viewOfStep(id, each)),
      }),
      problem: t.field({
        type: problem,
        nullable: true,
        description: "Why the test as a whole could not be run; a step's own problem is on the step.",
        resolve: ({ snapshot }) => snapshot.problem,
      }),
      changes: t.field({
        type: [change],
        description:
          'For a failed test of a saved connector that had passed one before, pending edits included: what has changed since, the configuration first. Empty for every other test, and for viewers who may not read connectors.',
        resolve: (view, _args, context) => readableComparison(view, context)?.changes ?? [],
      }),
      changesSummary: t.string({
        nullable: true,
        description:
          'One sentence on `changes` for a reader, which also says so when nothing that can be seen has changed; null where there was nothing to compare, and for viewers who may not read connectors.',
        resolve: (view, _args, context) => readableComparison(view, context)?.summary ?? null,
      }),
      lastPassedTest: t.field({
        type: nouns.connectionTest,
        nullable: true,
        authScopes: { scope: 'connectors:read' },
        description:
          'The test that `changes` compares with: the last one of this connector that passed. Null where there was nothing to compare, and once it is no longer kept.',
        resolve: async ({ snapshot }, _args, { loaders }) => {
          const id = snapshot.comparison?.lastPassedTestId
          const row = id === undefined ? null : await loaders.connectionTest.load(id)
          return row && viewOfRow(row)
        },
      }),
      startedAt: t.field({
        type: 'DateTime',
        description: 'When it began.',
        resolve: ({ snapshot }) => snapshot.startedAt,
      }),
      finishedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it ended.',
        resolve: ({ snapshot }) => snapshot.finishedAt,
      }),
      durationMs: t.int({
        nullable: true,
        description: 'How long it took, in milliseconds.',
        resolve: ({ snapshot }) => wholeMs(snapshot.durationMs),
      }),
      viewerCanCancel: t.boolean({
        description: 'Whether the viewer may cancel it: while it runs, with the scope for testing.',
        resolve: ({ snapshot }, _args, { viewer }) =>
          snapshot.status === 'RUNNING' && viewer.scopes.has('connectors:test'),
      }),
    }),
  })
  implementConnection(builder, 'ConnectionTest', nouns.connectionTestConnection, nouns.connectionTest)
  return step
}

export type StepRef = ReturnType<typeof defineConnectionTests>

function defineStep(parts: SchemaParts, problem: ProblemRef) {
  const { builder, stepKey } = parts
  const evidence = defineEvidence(parts)
  const status = builder.enumType('ConnectionTestStepStatus', {
    description: 'How a step of a connection test stands.',
    values: describedValues(stepStatuses),
  })
  return builder.objectRef<StepView>('ConnectionTestStep').implement({
    description: 'One rung of a test plan.',
    fields: t => ({
      id: t.exposeString('globalId', { description: 'Unique over all steps of all tests; not the id of a node.' }),
      key: t.field({ type: stepKey, description: 'What it establishes.', resolve: parent => parent.key }),
      target: t.exposeString('target', { nullable: true, description: 'The endpoint, when there are several.' }),
      title: t.exposeString('title', { description: 'What it does, for a reader.' }),
      status: t.field({ type: status, description: 'How it stands.', resolve: parent => parent.status }),
      required: t.exposeBoolean('required', {
        description: 'Whether the steps after it make no sense once it failed.',
      }),
      blockedBy: t.exposeString('blockedByGlobalId', {
        nullable: true,
        description: 'Id of the failed step because of which this one was skipped.',
      }),
      startedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it began.',
        resolve: parent => parent.startedAt,
      }),
      durationMs: t.int({
        nullable: true,
        description: 'How long it took, in milliseconds.',
        resolve: parent => wholeMs(parent.durationMs),
      }),
      budgetMs: t.exposeInt('budgetMs', { description: 'How long it may take, in milliseconds.' }),
      note: t.exposeString('note', { nullable: true, description: 'What is going on: "warehouse is starting".' }),
      evidence: t.field({
        type: [evidence],
        description: 'Measured facts that support what it says.',
        resolve: parent => parent.evidence,
      }),
      problem: t.field({
        type: problem,
        nullable: true,
        description: 'What went wrong, or should be mended.',
        resolve: parent => parent.problem,
      }),
    }),
  })
}

/** Durations are measured in fractions of a millisecond. */
const wholeMs = (durationMs: number | null): number | null => (durationMs === null ? null : Math.round(durationMs))

/** Whoever may only test learns from the test what was found, not how the connector was configured before. */
const readableComparison = ({ snapshot }: TestView, { viewer }: Context) =>
  viewer.scopes.has('connectors:read') ? snapshot.comparison : undefined
