import type { CatalogEntry, FieldOption } from '../browse.ts'
import type { JsonObject } from '../json.ts'
import { cleanText } from '../problem.ts'
import { functionsNotAllowed } from './browse-lists.ts'
import type { ListedColumn, ListedDatabase, ListedTable, ListedWorkgroup } from './browse-parts.ts'
import type { CatalogKind } from './catalog-kind.ts'
import { hiveCommonType } from './values.ts'

/** What people have written in the account: a hostile one may be of any length. */
const maxCommentLength = 1_000
const maxHelpLength = 300

export const workgroupOption = ({ name, isDisabled, description }: ListedWorkgroup): FieldOption => {
  const help = isDisabled ? 'Disabled: no query runs in it.' : description && cleanText(description, maxHelpLength)
  return { value: name, ...(help && { help }) }
}

export const catalogOption = (name: string, type: string): FieldOption => ({
  value: name,
  help:
    type === 'GLUE' ? 'Held by AWS Glue.' : `Held by AWS Lambda (${cleanText(type, 40)}), which is billed when asked.`,
})

export const databaseOption = ({ name, description }: ListedDatabase): FieldOption => ({
  value: name,
  ...(description !== null && { help: cleanText(description, maxHelpLength) }),
})

export const catalogEntry = (
  name: string,
  { kind, type }: Pick<CatalogKind, 'kind' | 'type'>,
  mayStartCompute: boolean,
): CatalogEntry => ({
  name,
  kind: 'CATALOG',
  ...(type !== null && { nativeKind: cleanText(type, 40) }),
  hasChildren: true,
  ...(kind !== 'GLUE' && !mayStartCompute && { problem: functionsNotAllowed(kind) }),
})

export const databaseEntry = ({ name, description }: ListedDatabase): CatalogEntry => ({
  name,
  kind: 'DATABASE',
  hasChildren: true,
  ...commented(description),
})

/** Of a table's parameters, its comment among them, nothing is shown: whoever made it may have put anything there. */
export const tableEntry = ({ name, type }: ListedTable, query: JsonObject | null): CatalogEntry => ({
  name,
  kind: /VIEW/i.test(type ?? '') ? 'VIEW' : 'TABLE',
  ...(type !== null && { nativeKind: cleanText(type, 40) }),
  hasChildren: true,
  ...(query && { query }),
})

export const columnEntry = ({ name, type, comment, isPartitionKey }: ListedColumn): CatalogEntry => ({
  name,
  kind: 'COLUMN',
  hasChildren: false,
  column: { nativeType: type, type: hiveCommonType(type) },
  ...commented([...(isPartitionKey ? ['Partition key.'] : []), ...(comment === null ? [] : [comment])].join(' ')),
})

const commented = (text: string | null): { comment?: string } => {
  const comment = cleanText(text ?? '', maxCommentLength)
  return comment === '' ? {} : { comment }
}
