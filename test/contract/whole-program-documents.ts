import { readFileSync } from 'node:fs'
import { buildSchema, getNamedType, isObjectType } from 'graphql'
import type { ConnectorType } from '../../src/connectors/define.ts'
import { TypedDocumentString } from '../generated/graphql.ts'

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'))

/** Every field of an object type and all below, as a selection. */
function allOf(typeName: string): string {
  const type = schema.getType(typeName)
  if (!isObjectType(type)) return ''
  const fields = Object.values(type.getFields()).map(field => `${field.name} ${allOf(getNamedType(field.type).name)}`)
  return `{ ${fields.join(' ')} }`
}

export interface ShownConnector {
  readonly version: number
  readonly formData: Readonly<Record<string, unknown>>
  readonly secrets: readonly { readonly path: string; readonly isSet: boolean }[]
}

/** All that the API shows of a connector of a type, its whole configuration with it. */
export function connectorDocument({ inputKey }: ConnectorType) {
  const prefix = `${inputKey.charAt(0).toUpperCase()}${inputKey.slice(1)}`
  return new TypedDocumentString<{ readonly connector: ShownConnector | null }, { readonly id: string }>(`
    query ShowConnector($id: ID!) {
      connector(by: { id: $id }) {
        version
        formData
        secrets { path isSet version setAt }
        ... on ${prefix}Connector { ${inputKey} ${allOf(`${prefix}Config`)} }
      }
    }`)
}

interface ListedProblem {
  readonly code: string
  readonly title: string
  readonly mend: string
}

/** The problems that connectors of a type may have. */
export const problemsDocument = new TypedDocumentString<
  { readonly problemCatalogue: readonly ListedProblem[] },
  { readonly type: string }
>(`
  query ProblemsOf($type: ConnectorTypeName!) {
    problemCatalogue(connectorType: $type) { code title mend }
  }`)
