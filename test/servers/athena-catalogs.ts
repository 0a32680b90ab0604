import type { AthenaCatalog } from './athena-catalog.ts'
import { type AthenaCaller, type AthenaRights, account, invalid, metadataFault, refusalOf } from './athena-rights.ts'

export type CatalogAction =
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

  answer(action: CatalogAction, text: (key: string) => string | undefined, caller: AthenaCaller): object {
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
      const { items, next } = this.#page(Object.keys(catalog.databases), text('NextToken'))
      return { DatabaseList: items.map(each => ({ Name: each })), ...next }
    }
    const isList = action === 'ListTableMetadata'
    const needed = action === 'GetDatabase' ? 'glue:GetDatabase' : isList ? 'glue:GetTables' : 'glue:GetTable'
    this.#requireOfGlue(caller, catalog, needed, this.#rights.glueArn('database', database))
    const tables = catalog.databases[database.toLowerCase()]
    if (!tables) throw metadataFault(`Database ${database} not found.`, 'EntityNotFoundException')
    if (action === 'GetDatabase') return { Database: { Name: database } }
    const described = (name: string) => {
      const { columns = [], partitionKeys = [], kind = 'EXTERNAL_TABLE' } = tables[name] ?? {}
      const listed = (all: typeof columns) => all.map(column => ({ Name: column.name, Type: column.type }))
      return {
        Name: name,
        TableType: kind,
        Columns: listed(columns),
        PartitionKeys: listed(partitionKeys),
        Parameters: { location: kind === 'VIRTUAL_VIEW' ? '' : `s3://sales-data/${database}/${name}` },
      }
    }
    if (isList) {
      const { items, next } = this.#page(Object.keys(tables), text('NextToken'))
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

  #page<T>(all: readonly T[], token: string | undefined): { readonly items: readonly T[]; readonly next: object } {
    const from = token === undefined ? 0 : Number(token.replace('page-', ''))
    const to = from + this.#pageSize
    return { items: all.slice(from, to), next: to < all.length ? { NextToken: `page-${to}` } : {} }
  }
}

const parametersOf = ({ function: lambda }: AthenaCatalog): object =>
  lambda === undefined ? { 'catalog-id': account } : { function: lambda }
