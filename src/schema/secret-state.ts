import type { SchemaParts } from './nouns.ts'

export function defineSecretState({ nouns }: SchemaParts): void {
  nouns.secretState.implement({
    description: 'What is known of one secret of a connector. Its value can never be read.',
    fields: t => ({
      path: t.exposeString('path', { description: 'Path of the form field.' }),
      isSet: t.exposeBoolean('isSet', { description: 'Whether a value is stored.' }),
      version: t.exposeString('version', {
        nullable: true,
        description: 'Changes whenever the secrets of the connector change; null when nothing is stored.',
      }),
      setAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When the stored value was given.',
        resolve: parent => parent.setAt,
      }),
    }),
  })
}
