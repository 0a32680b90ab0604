import type { Remedy } from '../connectors/problem.ts'
import type { SchemaParts } from './nouns.ts'

type RemedyOf<K extends Remedy['kind']> = Extract<Remedy, { kind: K }>

const typeNames: Record<Remedy['kind'], string> = {
  SET_FIELD: 'SetFieldRemedy',
  RUN_SQL: 'RunSqlRemedy',
  ALLOW_ADDRESS: 'AllowAddressRemedy',
  REENTER_SECRET: 'ReenterSecretRemedy',
  READ_DOCS: 'ReadDocsRemedy',
}

export function defineRemedies({ builder }: SchemaParts) {
  const remedy = builder.interfaceRef<Remedy>('Remedy').implement({
    description: 'Something the reader can do about a problem.',
    resolveType: ({ kind }) => typeNames[kind],
    fields: t => ({ title: t.exposeString('title', { description: 'What to do, in a few words.' }) }),
  })
  builder.objectRef<RemedyOf<'SET_FIELD'>>(typeNames.SET_FIELD).implement({
    description: 'Put a value into a form field.',
    interfaces: [remedy],
    fields: t => ({
      field: t.exposeString('field', { description: 'Path of the form field.' }),
      value: t.field({ type: 'JSON', description: 'The value to put in.', resolve: parent => parent.value }),
    }),
  })
  builder.objectRef<RemedyOf<'RUN_SQL'>>(typeNames.RUN_SQL).implement({
    description: 'Have an administrator run statements on the data source.',
    interfaces: [remedy],
    fields: t => ({
      sql: t.exposeString('sql', {
        description: 'The statements: SQL, or what the shell of a source without SQL takes. They never hold a secret.',
      }),
    }),
  })
  builder.objectRef<RemedyOf<'ALLOW_ADDRESS'>>(typeNames.ALLOW_ADDRESS).implement({
    description: 'Ask the owner of a firewall or allow-list to let Patchbay in.',
    interfaces: [remedy],
    fields: t => ({
      addresses: t.stringList({
        description: 'The addresses to let in.',
        resolve: parent => [...parent.addresses],
      }),
    }),
  })
  builder.objectRef<RemedyOf<'REENTER_SECRET'>>(typeNames.REENTER_SECRET).implement({
    description: 'Type a secret again.',
    interfaces: [remedy],
    fields: t => ({ field: t.exposeString('field', { description: 'Path of the secret form field.' }) }),
  })
  builder.objectRef<RemedyOf<'READ_DOCS'>>(typeNames.READ_DOCS).implement({
    description: 'Read a page.',
    interfaces: [remedy],
    fields: t => ({ url: t.exposeString('url', { description: 'Address of the page.' }) }),
  })
  return remedy
}

export type RemedyRef = ReturnType<typeof defineRemedies>
