import {
  type Column,
  GetTableMetadataCommand,
  ListDatabasesCommand,
  ListDataCatalogsCommand,
  ListTableMetadataCommand,
  ListWorkGroupsCommand,
  type TableMetadata,
} from '@aws-sdk/client-athena'
import { IncompleteAnswerError } from '../aws/problems.ts'
import type { TokenPart } from '../aws/token-pages.ts'
import type { AthenaSession, ReadQuestion } from './open.ts'
import type { Remaining } from './running-queries.ts'

/** Of Athena, for all of its lists; some let nobody ask for a single item. */
const largestPart = 50
const smallestPart = 2

/** Which part of a list is asked for. */
export interface AskedPart {
  readonly token: string | null
  /** As of `TokenList`. */
  readonly wanted: number | null
}

export interface ListedWorkgroup {
  readonly name: string
  readonly isDisabled: boolean
  readonly description: string | null
}

export interface ListedCatalog {
  readonly name: string
  /** `GLUE`, `LAMBDA`, `HIVE`, `FEDERATED`. */
  readonly type: string
}

export interface ListedDatabase {
  readonly name: string
  readonly description: string | null
}

export interface ListedTable {
  readonly name: string
  /** As the catalog calls it: `EXTERNAL_TABLE`, `VIRTUAL_VIEW`. */
  readonly type: string | null
}

export interface ListedColumn {
  readonly name: string
  /** As Hive writes it. */
  readonly type: string
  readonly comment: string | null
  readonly isPartitionKey: boolean
}

/** A session and its time, which all questions need. They throw as `ask`. */
export interface Asking {
  readonly session: AthenaSession
  readonly remaining: Remaining
}

export const workgroupsPart = (asking: Asking, part: AskedPart): Promise<TokenPart<ListedWorkgroup>> =>
  read(asking, { action: 'ListWorkGroups', field: 'workgroup' }, async (client, options) => {
    const { WorkGroups, NextToken } = await client.send(new ListWorkGroupsCommand(paged(part)), options)
    return partOf(WorkGroups, NextToken, ({ Name, State, Description }) => ({
      name: nameOf(Name),
      isDisabled: State === 'DISABLED',
      description: textOf(Description),
    }))
  })

export const catalogsPart = (asking: Asking, part: AskedPart): Promise<TokenPart<ListedCatalog>> =>
  read(asking, { action: 'ListDataCatalogs', field: 'catalog' }, async (client, options) => {
    const { workgroup: WorkGroup } = asking.session.config
    const command = new ListDataCatalogsCommand({ WorkGroup, ...paged(part) })
    const { DataCatalogsSummary, NextToken } = await client.send(command, options)
    return partOf(DataCatalogsSummary, NextToken, ({ CatalogName, Type }) => ({
      name: nameOf(CatalogName),
      type: String(Type),
    }))
  })

/** Of the session's catalog. */
export const databasesPart = (asking: Asking, part: AskedPart): Promise<TokenPart<ListedDatabase>> =>
  read(asking, { action: 'ListDatabases', field: 'catalog' }, async (client, options) => {
    const command = new ListDatabasesCommand({ ...inCatalog(asking), ...paged(part) })
    const { DatabaseList, NextToken } = await client.send(command, options)
    return partOf(DatabaseList, NextToken, ({ Name, Description }) => ({
      name: nameOf(Name),
      description: textOf(Description),
    }))
  })

/** `expression`: a pattern that names match; null for all of them. */
export const tablesPart = (
  asking: Asking,
  database: string,
  expression: string | null,
  part: AskedPart,
): Promise<TokenPart<ListedTable>> =>
  read(asking, { action: 'ListTableMetadata', field: 'catalog' }, async (client, options) => {
    const command = new ListTableMetadataCommand({
      ...inCatalog(asking),
      DatabaseName: database,
      ...(expression !== null && { Expression: expression }),
      ...paged(part),
    })
    const { TableMetadataList, NextToken } = await client.send(command, options)
    return partOf(TableMetadataList, NextToken, ({ Name, TableType }) => ({
      name: nameOf(Name),
      type: textOf(TableType),
    }))
  })

/** In their order, with what the table is partitioned by behind them. */
export const columnsOf = (asking: Asking, database: string, table: string): Promise<readonly ListedColumn[]> =>
  read(asking, { action: 'GetTableMetadata', field: 'catalog' }, async (client, options) => {
    const command = new GetTableMetadataCommand({ ...inCatalog(asking), DatabaseName: database, TableName: table })
    const { TableMetadata: found } = await client.send(command, options)
    if (!found) throw new IncompleteAnswerError('table')
    return describedColumns(found)
  })

const read = <T>(
  { session, remaining }: Asking,
  question: Pick<ReadQuestion, 'action' | 'field'>,
  send: Parameters<typeof session.read<T>>[1],
): Promise<T> => session.read({ ...question, ...remaining }, send)

const inCatalog = ({ session: { config } }: Asking) => ({ CatalogName: config.catalog, WorkGroup: config.workgroup })

const paged = ({ token, wanted }: AskedPart) => ({
  MaxResults: Math.min(largestPart, Math.max(smallestPart, wanted ?? largestPart)),
  ...(token !== null && { NextToken: token }),
})

/** What has no name is left out, as if it were not there. */
function partOf<From, To extends { readonly name: string }>(
  list: readonly From[] | undefined,
  token: string | undefined,
  described: (from: From) => To,
): TokenPart<To> {
  const items = objectsOf(list).map(described)
  return {
    items: items.filter(({ name }) => name !== ''),
    next: typeof token === 'string' && token !== '' ? token : null,
  }
}

function describedColumns({ Columns, PartitionKeys }: TableMetadata): readonly ListedColumn[] {
  const described =
    (isPartitionKey: boolean) =>
    ({ Name, Type, Comment }: Column): ListedColumn => ({
      name: nameOf(Name),
      type: textOf(Type) ?? 'unknown',
      comment: textOf(Comment),
      isPartitionKey,
    })
  const columns = [...objectsOf(Columns).map(described(false)), ...objectsOf(PartitionKeys).map(described(true))]
  return columns.filter(({ name }) => name !== '')
}

/** The SDK passes on whatever stands in the place of a list, and in a list. */
const objectsOf = <T>(list: readonly T[] | undefined): readonly T[] =>
  Array.isArray(list) ? list.filter(item => typeof item === 'object' && item !== null) : []

/** None of Athena's is longer. */
const nameOf = (value: unknown): string =>
  typeof value === 'string' && value.length <= 255 && value.isWellFormed() ? value : ''

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
