import type { VerificationState } from '../services/connectors.ts'
import { viewOfRow } from './connection-test-view.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'

const states: Record<VerificationState, string> = {
  NEVER: 'It was never tested to an end.',
  OUTDATED: 'Its configuration, a secret or its type changed since it was tested.',
  FAILED: 'The last test of it as it is now did not pass.',
  CURRENT: 'The last test of it as it is now passed, perhaps with warnings.',
}

export function defineVerification({ builder, nouns }: SchemaParts): void {
  const state = builder.enumType('ConnectorVerificationState', {
    description: 'Whether a connector as it is now is known to work.',
    values: describedValues(states),
  })
  nouns.verification.implement({
    description: 'What the last connection test says about a connector as it is now.',
    fields: t => ({
      state: t.field({ type: state, description: 'Whether it is known to work.', resolve: parent => parent.state }),
      changedFields: t.stringList({
        description: 'Paths of the form fields that changed since the test; empty unless outdated.',
        resolve: parent => [...parent.changedFields],
      }),
      test: t.field({
        type: nouns.connectionTest,
        nullable: true,
        description: 'The test that this is based on.',
        resolve: parent => parent.test && viewOfRow(parent.test),
      }),
    }),
  })
}
