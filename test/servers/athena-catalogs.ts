import type { AthenaCatalog } from './athena-catalog.ts'
import {
  type AthenaCaller,
  AthenaRefusalError,
  type AthenaRights,
  account,
  invalid,
  metadataFault,
  refusalOf,
} from './athena-rights.ts'

export type CatalogAction =
  | 'ListDataCatalogs'
  | 'GetDataCatalog'
  | 'ListDatabases'
  | 'GetDatabase'
  | 'ListTableMetadata'
  | 'GetTableMetadata'

/** What Athena tells of its catalogs. */
export class AthenaCatalogs {
  readonly #catalogs: Readonly<Record<string, AthenaCatalog>>
  readonly #rights: AthenaRights
  readonly #pageSize: number

  constructor(catalogs: Readonly<Record<string, AthenaCatalog>>, rights: AthenaRights, pageSize: number) {
    this.#catalogs = catalogs
    this.#rights = rights
    this.#pageSize = pageSize
  }

  answer(
    action: CatalogAction,
    text: (key: string) => string | undefined,
    caller: AthenaCaller,
    maxResults: unknown,
  ): object {
    const page = { token: text('NextToken'), maxResults }
    if (action === 'ListDataCatalogs') {
      this.#rights.require(caller, 'athena:ListDataCatalogs', '*')
      const { items, next } = this.page('catalogs', Object.entries(this.#catalogs), { ...page, atLeast: 2 })
      return { DataCatalogsSummary: items.map(([name, { type }]) => ({ CatalogName: name, Type: type })), ...next }
    }
    const catalogName = text(action === 'GetDataCatalog' ? 'Name' : 'CatalogName') ?? ''
    this.#rights.require(caller, `athena:${action}`, this.#rights.athenaArn('datacatalog', catalogName))
    const catalog = Object.hasOwn(this.#catalogs, catalogName) ? this.#catalogs[catalogName] : undefined
    if (!catalog) throw invalid(`Cannot find catalog ${catalogName}.`)
    if (action === 'GetDataCatalog') {
      return { DataCatalog: { Name: catalogName, Type: catalog.type, Parameters: parametersOf(catalog) } }
    }
    const database = text('DatabaseName') ?? ''
    if (action === 'ListDatabases') {
      this.#requireOfGlue(caller, catalog, 'glue:GetDatabases', this.#rights.glueArn('catalog'))
      const { items, next } = this.page(`${catalogName}.databases`, Object.keys(catalog.databases), page)
      const { descriptions = {} } = catalog
      return { DatabaseList: items.map(each => ({ Name: each, Description: descriptions[each] })), ...next }
    }
    const isList = action === 'ListTableMetadata'
    const needed = action === 'GetDatabase' ? 'glue:GetDatabase' : isList ? 'glue:GetTables' : 'glue:GetTable'
    this.#requireOfGlue(caller, catalog, needed, this.#rights.glueArn('database', database))
    const tables = catalog.databases[database.toLowerCase()]
    if (!tables) throw metadataFault(`Database ${database} not found.`, 'EntityNotFoundException')
    if (action === 'GetDatabase') return { Database: { Name: database } }
    const described = (name: string) => {
      const { columns = [], partitionKeys = [], kind = 'EXTERNAL_TABLE', parameters } = tables[name] ?? {}
      const listed = (all: typeof columns) =>
        all.map(column => ({ Name: column.name, Type: column.type, Comment: column.comment }))
      return {
        Name: name,
        TableType: kind,
        Columns: listed(columns),
        PartitionKeys: listed(partitionKeys),
        Parameters: { ...parameters, location: kind === 'VIRTUAL_VIEW' ? '' : `s3://sales-data/${database}/${name}` },
      }
    }
    if (isList) {
      const matches = expressionOf(text('Expression'))
      const names = Object.keys(tables).filter(matches)
      const { items, next } = this.page(`${catalogName}.${database}.tables`, names, page)
      return { TableMetadataList: items.map(described), ...next }
    }
    const name = (text('TableName') ?? '').toLowerCase()
    if (!Object.hasOwn(tables, name)) throw metadataFault(`Entity Not Found ${name}`, 'EntityNotFoundException')
    return { TableMetadata: described(name) }
  }

  #requireOfGlue(caller: AthenaCaller, { type }: AthenaCatalog, action: string, resource: string): void {
    if (type !== 'GLUE' || this.#rights.may(caller, action, resource)) return
    throw metadataFault(refusalOf(caller, action, resource), 'AccessDeniedException')
  }

  /** A page of any of Athena's lists. `list`: its name, which its tokens hold. */
  page<T>(list: string, all: readonly T[], { token, maxResults, atLeast = 1 }: PageRequest): Page<T> {
    const wanted = maxResults ?? 50
    if (typeof wanted !== 'number' || wanted < atLeast || wanted > 50) {
      throw new AthenaRefusalError(
        'ValidationException',
        `1 validation error detected: Value '${String(wanted)}' at 'maxResults' failed to satisfy constraint: Member must have value between ${atLeast} and 50`,
      )
    }
    const [, of, at] = /^(.*):(\d+)$/s.exec(token === undefined ? `${list}:0` : tokenText(token)) ?? []
    if (of !== list || at === undefined) throw invalid('Invalid NextToken is specified.')
    const from = Number(at)
    const to = from + Math.min(wanted, this.#pageSize)
    return { items: all.slice(from, to), next: to < all.length ? { NextToken: encodedToken(list, to) } : {} }
  }
}

export interface PageRequest {
  readonly token: string | undefined
  readonly maxResults: unknown
  readonly atLeast?: number
}

interface Page<T> {
  readonly items: readonly T[]
  readonly next: object
}

/** For the part of a list that begins there. */
export const encodedToken = (list: string, from: number): string => Buffer.from(`${list}:${from}`).toString('base64url')
const tokenText = (token: string): string => Buffer.from(token, 'base64url').toString()

/** Glue takes regular expressions in which an asterisk stands for any text. */
function expressionOf(expression: string | undefined): (name: string) => boolean {
  if (expression === undefined) return () => true
  if (expression.length > 256) throw invalid('Expression is too long.')
  const pattern = new RegExp(`^(?:${expression.replaceAll('*', '.*')})$`)
  return name => pattern.test(name)
}

const parametersOf = ({ function: lambda }: AthenaCatalog): object =>
  lambda === undefined ? { 'catalog-id': account } : { function: lambda }
