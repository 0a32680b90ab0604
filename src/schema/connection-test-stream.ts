import type { TestEvent } from '../connectors/connection-test.ts'
import type { TestProgress } from '../services/connection-tests.ts'
import { NotFoundError } from '../services/errors.ts'
import type { StepRef } from './connection-test.ts'
import { type StepView, viewOfProgress, viewOfStep } from './connection-test-view.ts'
import { toConnectionTestId } from './connector-ref.ts'
import type { SchemaParts } from './nouns.ts'
import { refusalClassOf, refusalsAsData } from './refusals-as-data.ts'
import { startRefusals, type TestConnectionInputRef, toStartTestInput } from './test-connection-input.ts'

const typeNames: Record<TestEvent['type'], string> = {
  PLANNED: 'ConnectionTestPlanned',
  STEP_STARTED: 'ConnectionTestStepStarted',
  STEP_PROGRESSED: 'ConnectionTestStepProgressed',
  STEP_FINISHED: 'ConnectionTestStepFinished',
  FINISHED: 'ConnectionTestFinished',
}

/** The events of a test, and the subscriptions that stream them. */
export function defineConnectionTestStream(parts: SchemaParts, start: TestConnectionInputRef, step: StepRef): void {
  const { builder } = parts
  const events = defineEvents(parts, step)
  const result = builder.unionType('TestConnectionStreamResult', {
    description:
      'One event of a connection test, or why there is none. Refusals are data, because many clients drop errors of subscriptions; a refusal is the only item of its stream.',
    types: [...events, ...startRefusals],
    // A class stands for its type as well as a name does, but the types of Pothos know only of names here.
    resolveType: item => (refusalClassOf(item) as never) ?? typeNames[(item as TestProgress).event.type],
  })
  builder.subscriptionFields(t => ({
    testConnection: t.field({
      type: result,
      description:
        'Tests a connection and streams the test. A client that reconnects with the same target meets the same test. The test is cancelled 5 s after its last subscriber left.',
      authScopes: { scope: 'connectors:test' },
      extensions: { postOnly: true },
      args: { input: t.arg({ type: start.type, description: 'What to test.' }) },
      subscribe: (_root, { input }, { services: { connectionTests }, viewer, signal }) =>
        refusalsAsData(startRefusals, async () => {
          start.assertValid(input)
          const { id } = await connectionTests.start(viewer, toStartTestInput(input, 'ONE_SHOT'))
          return connectionTests.stream(viewer, id, { afterSequence: 0, signal })
        }),
      resolve: item => item,
    }),
    connectionTestProgress: t.field({
      type: result,
      description:
        'Streams a test that was started elsewhere, from the event after `afterSequence` on. Of a test that ended more than 24 h ago, the end alone.',
      authScopes: { scope: 'connectors:read' },
      args: {
        id: t.arg.id({ description: 'Global id of the test.' }),
        afterSequence: t.arg.int({
          defaultValue: 0,
          description: 'The last `sequence` that the client has seen; 0 for everything.',
        }),
      },
      subscribe: (_root, { id, afterSequence }, { services: { connectionTests }, viewer, signal }) =>
        refusalsAsData([NotFoundError], () =>
          connectionTests.stream(viewer, toConnectionTestId(id), { afterSequence, signal }),
        ),
      resolve: item => item,
    }),
  }))
}

function defineEvents({ builder, nouns }: SchemaParts, step: StepRef) {
  const event = builder.interfaceRef<TestProgress>('ConnectionTestEvent').implement({
    description: 'Something that happened in a connection test.',
    resolveType: progress => typeNames[progress.event.type],
    fields: t => ({
      sequence: t.int({
        description: 'Counts the events of a test from 1, without gaps.',
        resolve: progress => progress.event.sequence,
      }),
      at: t.field({ type: 'DateTime', description: 'When it happened.', resolve: progress => progress.event.at }),
      test: t.field({ type: nouns.connectionTest, description: 'The test as of this event.', resolve: viewOfProgress }),
    }),
  })
  const interfaces = [event]
  const ofStep = (type: TestEvent['type'], description: string) =>
    builder.objectRef<TestProgress>(typeNames[type]).implement({
      description,
      interfaces,
      fields: t => ({
        step: t.field({ type: step, description: 'The step as of this event.', resolve: stepOf }),
      }),
    })
  return [
    builder.objectRef<TestProgress>(typeNames.PLANNED).implement({
      description: 'The first event: the whole plan, before anything is dialled.',
      interfaces,
      fields: t => ({
        steps: t.field({
          type: [step],
          description: 'Every step of the plan, in order.',
          resolve: ({ testId, snapshot }) => snapshot.steps.map(step => viewOfStep(testId, step)),
        }),
      }),
    }),
    ofStep('STEP_STARTED', 'A step began.'),
    ofStep('STEP_PROGRESSED', 'A step tells what is going on.'),
    ofStep('STEP_FINISHED', 'A step ended, or was skipped.'),
    builder.objectRef<TestProgress>(typeNames.FINISHED).implement({
      description: 'The last event: the test ended.',
      interfaces,
    }),
  ]
}

function stepOf({ testId, event, snapshot }: TestProgress): StepView {
  const step = 'stepId' in event ? snapshot.steps.find(({ id }) => id === event.stepId) : undefined
  if (!step) throw new Error(`The event ${event.sequence} speaks of a step that is not in the plan.`)
  return viewOfStep(testId, step)
}
