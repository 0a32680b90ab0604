import { NotFoundError } from '../services/errors.ts'
import { viewOfRow } from './connection-test-view.ts'
import { toConnectionTestId } from './connector-ref.ts'
import type { SchemaParts } from './nouns.ts'
import { startRefusals, type TestConnectionInputRef, toStartTestInput } from './test-connection-input.ts'

export function defineConnectionTestMutations({ builder, nouns }: SchemaParts, start: TestConnectionInputRef): void {
  const cancelInput = builder.inputType('CancelConnectionTestInput', {
    description: 'Which test to cancel.',
    fields: t => ({ id: t.id({ description: 'Its global id.' }) }),
  })
  builder.mutationFields(t => ({
    testConnection: t.field({
      type: nouns.connectionTest,
      description:
        'Tests a connection and waits for its end, for `waitSeconds`. The test runs to its end whoever waits. Once per operation.',
      authScopes: { scope: 'connectors:test' },
      extensions: { dialsOut: true },
      args: {
        input: t.arg({ type: start.type, description: 'What to test.', validate: { schema: start.rules as never } }),
      },
      errors: {
        types: startRefusals,
        union: { description: 'What the mutation `testConnection` answers.' },
        result: { description: 'The test was run, or is still running: see its status.' },
        dataField: { name: 'test', description: 'The test as it is now.' },
      },
      resolve: async (_root, { input }, { services: { connectionTests }, viewer, signal }) => {
        const { id } = await connectionTests.start(viewer, toStartTestInput(input, 'PINNED'))
        return viewOfRow(await connectionTests.wait(viewer, id, { timeoutMs: input.waitSeconds * 1000, signal }))
      },
    }),
    cancelConnectionTest: t.field({
      type: nouns.connectionTest,
      description: 'Cancels a running connection test. One that has ended stays as it is.',
      authScopes: { scope: 'connectors:test' },
      args: { input: t.arg({ type: cancelInput, description: 'Which test to cancel.' }) },
      errors: {
        types: [NotFoundError],
        union: { description: 'What `cancelConnectionTest` answers.' },
        result: { description: 'The test is running no more.' },
        dataField: { name: 'test', description: 'The test as it is now.' },
      },
      resolve: async (_root, { input }, { services, viewer }) =>
        viewOfRow(await services.connectionTests.cancel(viewer, toConnectionTestId(input.id))),
    }),
  }))
}
