import type { TestChange, TestChangeSubject } from '../connectors/test-comparison.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'

const subjects: Record<TestChangeSubject, string> = {
  FIELD: "A field of the connector's configuration.",
  SECRET: 'A secret was set, given another value, or removed. Values are never shown.',
  CONNECTOR_TYPE: 'Patchbay tests this connector type in another way than before.',
  ADDRESS: 'The addresses that the host name leads to, or that were tried.',
  CERTIFICATE: 'A certificate that the server shows: another one, or renewed.',
  OBSERVATION:
    'Another measured fact, which `label` names: the version of the server, the encryption, the host key of an SSH server.',
}

/** One difference between a failed test and the last one that passed. */
export function defineConnectionTestChange({ builder, stepKey }: SchemaParts) {
  const subject = builder.enumType('ConnectionTestChangeSubject', {
    description: 'What a change is about. New ones are added over time: show the message of one that you do not know.',
    values: describedValues(subjects),
  })
  return builder.objectRef<TestChange>('ConnectionTestChange').implement({
    description: 'Something that was otherwise when the connector last passed a test.',
    fields: t => ({
      subject: t.field({ type: subject, description: 'What it is about.', resolve: parent => parent.subject }),
      label: t.exposeString('label', { description: "The field's label, or the label of the evidence." }),
      message: t.exposeString('message', { description: 'What has changed, for a reader.' }),
      field: t.exposeString('field', {
        nullable: true,
        description: 'Path of the form field to mark, for a FIELD or a SECRET.',
      }),
      stepKey: t.field({
        type: stepKey,
        nullable: true,
        description: 'The step whose evidence differs; null where the difference is not in evidence.',
        resolve: parent => parent.stepKey,
      }),
      target: t.exposeString('target', {
        nullable: true,
        description: "That step's endpoint, when there are several.",
      }),
      before: t.exposeString('before', {
        nullable: true,
        description:
          'As it was when the test passed; null where there was nothing, for secrets and for values too long to read at a glance.',
      }),
      after: t.exposeString('after', {
        nullable: true,
        description:
          'As it is in this test; null where there is nothing now, for secrets and for values too long to read at a glance.',
      }),
      changedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'For a SECRET that is stored: when it got its present value.',
        resolve: parent => parent.changedAt,
      }),
    }),
  })
}
