import type { ConnectorType } from '../connectors/define.ts'
import type { ConnectorRef } from '../services/connectors.ts'
import type { Builder } from './builder.ts'
import { decodeGlobalId } from './global-id.ts'

/** The name of the object type of a type's connectors: `PostgresConnector`. */
export const connectorObjectName = ({ inputKey }: Pick<ConnectorType, 'inputKey'>): string =>
  `${inputKey.charAt(0).toUpperCase()}${inputKey.slice(1)}Connector`

export interface ConnectorRefInput {
  readonly id?: string | null
  readonly name?: string | null
  readonly externalKey?: string | null
}

/** Ids of rows are never empty: what this stands for does not exist. */
const noRow = ''

/** The row id in a global id of an object type; for any other text an id that no row has. */
export function toRowId(globalId: string, isType: (typeName: string) => boolean): string {
  const decoded = decodeGlobalId(globalId)
  return decoded && isType(decoded.typeName) ? decoded.id : noRow
}

export const toConnectionTestId = (globalId: string): string => toRowId(globalId, name => name === 'ConnectionTest')
export const toApiTokenId = (globalId: string): string => toRowId(globalId, name => name === 'ApiToken')
export const toDatasetId = (globalId: string): string => toRowId(globalId, name => name === 'Dataset')

export function toConnectorRef({ id, name, externalKey }: ConnectorRefInput): ConnectorRef {
  if (name != null) return { name }
  if (externalKey != null) return { externalKey }
  return { id: toRowId(id ?? '', name => name === 'Connector') }
}

export function defineConnectorRefInput(builder: Builder) {
  return builder.inputType('ConnectorRef', {
    description: 'Names one connector, in one of three ways.',
    isOneOf: true,
    fields: t => ({
      id: t.id({ required: false, description: 'By its global id.' }),
      name: t.string({ required: false, description: 'By its name, without regard to case.' }),
      externalKey: t.string({ required: false, description: 'By the key that its creator gave it.' }),
    }),
  })
}
