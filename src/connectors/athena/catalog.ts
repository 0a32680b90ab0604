import {
  GetDatabaseCommand,
  ListDatabasesCommand,
  ListTableMetadataCommand,
  type TableMetadata,
} from '@aws-sdk/client-athena'
import type { AthenaSession } from './open.ts'
import { type KnownTable, readS3Place, type S3Place } from './policy.ts'
import type { Remaining } from './running-queries.ts'

/** Of the catalog there may be more than anybody wants to wait for. */
const maxDatabasePages = 4
const maxTablePages = 2
const pageSize = 50

export interface CatalogTable extends KnownTable {
  readonly isView: boolean
  /** Where its files lie; null where there are none, or elsewhere than in S3. */
  readonly data: S3Place | null
}

export interface Listing<T> {
  readonly items: readonly T[]
  /** Whether there are more than were looked at. */
  readonly isCut: boolean
}

/** Throws as `ask`: also where the database is not there. */
export async function askDatabase(session: AthenaSession, database: string, remaining: Remaining): Promise<void> {
  const { catalog: CatalogName, workgroup: WorkGroup } = session.config
  await session.read({ action: 'GetDatabase', field: 'database', ...remaining }, (client, options) =>
    client.send(new GetDatabaseCommand({ CatalogName, DatabaseName: database, WorkGroup }), options),
  )
}

/** Names of databases. Throws as `ask`. */
export function listDatabases(session: AthenaSession, remaining: Remaining): Promise<Listing<string>> {
  const { catalog: CatalogName, workgroup: WorkGroup } = session.config
  return pages(maxDatabasePages, NextToken =>
    session.read({ action: 'ListDatabases', field: 'catalog', ...remaining }, async (client, options) => {
      const command = new ListDatabasesCommand({ CatalogName, WorkGroup, NextToken, MaxResults: pageSize })
      const { DatabaseList: list, NextToken: next } = await client.send(command, options)
      return {
        items: listOf(list)
          .map(database => database?.Name)
          .filter(isName),
        next,
      }
    }),
  )
}

/** Throws as `ask`. */
export function listTables(
  session: AthenaSession,
  database: string,
  remaining: Remaining,
): Promise<Listing<CatalogTable>> {
  const { catalog: CatalogName, workgroup: WorkGroup } = session.config
  return pages(maxTablePages, NextToken =>
    session.read({ action: 'ListTableMetadata', field: 'catalog', ...remaining }, async (client, options) => {
      const command = new ListTableMetadataCommand({
        CatalogName,
        DatabaseName: database,
        WorkGroup,
        NextToken,
        MaxResults: pageSize,
      })
      const { TableMetadataList: list, NextToken: next } = await client.send(command, options)
      return {
        items: listOf(list)
          .filter(table => isName(table?.Name))
          .map(table => tableOf(database, table)),
        next,
      }
    }),
  )
}

const listOf = <T>(value: readonly T[] | undefined): readonly T[] => (Array.isArray(value) ? value : [])

function tableOf(database: string, { Name, TableType, Parameters }: TableMetadata): CatalogTable {
  const location = Parameters?.['location']
  return {
    database,
    name: String(Name),
    isView: /VIEW/i.test(String(TableType ?? '')),
    data: isText(location) ? readS3Place(location) : null,
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
/** What is none is left out, as if it were not there. */
const isName = (value: unknown): value is string => isText(value) && value.length <= 255

interface CatalogPage<T> {
  readonly items: readonly T[]
  readonly next: string | undefined
}

async function pages<T>(
  maxPages: number,
  ask: (token: string | undefined) => Promise<CatalogPage<T>>,
): Promise<Listing<T>> {
  const items: T[] = []
  let token: string | undefined
  for (let count = 0; count < maxPages; count += 1) {
    const page = await ask(token)
    items.push(...page.items)
    token = page.next || undefined
    if (token === undefined) break
  }
  return { items, isCut: token !== undefined }
}
