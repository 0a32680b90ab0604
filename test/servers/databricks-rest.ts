import { administrator, type DatabricksCatalogs, type DatabricksTable } from './databricks-catalog.ts'
import { type DatabricksRefusal, refusal } from './databricks-faults.ts'
import { type DatabricksPrincipal, type DatabricksRights, namesOf, type SecurableType } from './databricks-rights.ts'
import { parseType } from './databricks-types.ts'

export interface UnityCatalogOptions {
  /** Whether the workspace has a metastore; without one there is no Unity Catalog. */
  readonly hasMetastore?: boolean
  /** How much is on one page. */
  readonly pageSize?: number
  /** Pages without anything on them come before the others: clients must go on while there is a token. */
  readonly emptyPages?: number
  /** Whether what groups hold is told of whoever is in them; else only what has been granted to the name itself. */
  readonly tellsOfGroups?: boolean
  /** Whether who asks for no name is told of their own, and not refused. */
  readonly tellsOwnUnasked?: boolean
  /** Whether nobody may look up privileges. */
  readonly hidesPrivileges?: boolean
  readonly metastoreOwner?: string
}

export type RestAnswer = object | DatabricksRefusal

const metastoreId = '2f5d4bf8-9d11-4f0e-8a0c-1f6c7c2a4a10'

const missing = (type: string, name: string): DatabricksRefusal =>
  refusal(404, `${type}_DOES_NOT_EXIST`, `${type[0]}${type.slice(1).toLowerCase()} '${name}' does not exist.`)

const forbidden = (privilege: string, type: string, name: string): DatabricksRefusal =>
  refusal(403, 'PERMISSION_DENIED', `User does not have ${privilege} on ${type} '${name}'.`)

const noMetastore = refusal(404, 'METASTORE_DOES_NOT_EXIST', 'No metastore assigned for the current workspace.')

type Query = URLSearchParams

/** Unity Catalog as its REST API shows it, to each what they may see. */
export class UnityCatalogDouble {
  readonly #options: UnityCatalogOptions
  readonly #catalogs: DatabricksCatalogs
  readonly #rights: DatabricksRights
  readonly #isKnown: (principal: string) => boolean

  constructor(
    options: UnityCatalogOptions,
    catalogs: DatabricksCatalogs,
    rights: DatabricksRights,
    isKnown: (principal: string) => boolean,
  ) {
    this.#options = options
    this.#catalogs = catalogs
    this.#rights = rights
    this.#isKnown = isKnown
  }

  catalogs(who: DatabricksPrincipal, query: Query): RestAnswer {
    if (this.#options.hasMetastore === false) return noMetastore
    const seen = this.#names().filter(name => this.#shows(who, [name], query))
    return this.#page('catalogs', seen, query, name => ({
      ...this.#describedCatalog(name),
      ...this.#onlySeen(who, 'USE_CATALOG', [name]),
    }))
  }

  catalog(who: DatabricksPrincipal, name: string): RestAnswer {
    return this.#refusedCatalog(who, name) ?? this.#describedCatalog(name)
  }

  schemas(who: DatabricksPrincipal, query: Query): RestAnswer {
    const catalog = query.get('catalog_name') ?? ''
    const refused = this.#refusedCatalog(who, catalog)
    if (refused) return refused
    const names = Object.keys(this.#catalogs[catalog]?.schemas ?? {})
    const seen = names.filter(name => this.#shows(who, [catalog, name], query))
    return this.#page('schemas', seen, query, name => ({
      ...this.#describedSchema([catalog, name]),
      ...this.#onlySeen(who, 'USE_SCHEMA', [catalog, name]),
    }))
  }

  schema(who: DatabricksPrincipal, name: string): RestAnswer {
    const parts = name.split('.')
    return this.#refusedSchema(who, parts) ?? this.#describedSchema(parts)
  }

  tables(who: DatabricksPrincipal, query: Query): RestAnswer {
    const parts = [query.get('catalog_name') ?? '', query.get('schema_name') ?? '']
    const refused = this.#refusedSchema(who, parts)
    if (refused) return refused
    const tables = this.#catalogs[parts[0] ?? '']?.schemas[parts[1] ?? '']?.tables ?? {}
    const seen = Object.keys(tables).filter(name => this.#maySeeTable(who, [...parts, name]))
    const omitsColumns = query.get('omit_columns') === 'true'
    return this.#page('tables', seen, query, name => this.#describedTable([...parts, name], tables[name], omitsColumns))
  }

  table(who: DatabricksPrincipal, fullName: string): RestAnswer {
    const [catalog = '', schema = '', ...rest] = fullName.split('.')
    const refused = this.#refusedSchema(who, [catalog, schema])
    if (refused) return refused
    const name = rest.join('.')
    const tables = this.#catalogs[catalog]?.schemas[schema]?.tables ?? {}
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined
    if (!table || !this.#maySeeTable(who, [catalog, schema, name])) return missing('TABLE', fullName)
    return this.#describedTable([catalog, schema, name], table, false)
  }

  metastore(who: DatabricksPrincipal): RestAnswer {
    if (this.#options.hasMetastore === false) return noMetastore
    const { metastoreOwner = administrator } = this.#options
    if (who.name === '') return forbidden('access', 'Metastore', metastoreId)
    return {
      metastore_id: metastoreId,
      name: 'primary',
      cloud: 'aws',
      region: 'eu-west-1',
      global_metastore_id: `aws:eu-west-1:${metastoreId}`,
      owner: metastoreOwner,
      privilege_model_version: '1.0',
      delta_sharing_scope: 'INTERNAL',
    }
  }

  /** What a principal may do with something: told to themselves, to whom they are one group's, and to owners. */
  effectivePermissions(who: DatabricksPrincipal, type: string, fullName: string, query: Query): RestAnswer {
    if (this.#options.hasMetastore === false) return noMetastore
    const refused = this.#refusedPrivileges(who, type.toUpperCase() as SecurableType, fullName, query)
    if (refused) return refused
    const asked = query.get('principal')
    const { tellsOfGroups = false } = this.#options
    const names = asked === null ? namesOf(who) : tellsOfGroups && asked === who.name ? namesOf(who) : [asked]
    const assignments = names.flatMap(principal => {
      const privileges =
        type.toUpperCase() === 'METASTORE'
          ? this.#rights.onMetastore(principal)
          : this.#rights.effective(principal, fullName.split('.'))
      return privileges.length > 0 ? [{ principal, privileges }] : []
    })
    return query.has('max_results')
      ? this.#page('privilege_assignments', assignments, query, assignment => assignment)
      : { privilege_assignments: assignments }
  }

  #refusedPrivileges(
    who: DatabricksPrincipal,
    type: SecurableType,
    fullName: string,
    query: Query,
  ): DatabricksRefusal | null {
    const asked = query.get('principal')
    const size = Number(query.get('max_results') ?? 0)
    if (size < 0 || (size > 0 && size < 150)) {
      return refusal(400, 'INVALID_PARAMETER_VALUE', 'max_results must be 0 or at least 150.')
    }
    if (asked !== null && !this.#isKnown(asked)) {
      return refusal(404, 'PRINCIPAL_DOES_NOT_EXIST', `Could not find principal with name ${asked}`)
    }
    const parts = type === 'METASTORE' ? [] : fullName.split('.')
    const isOwner = namesOf(who).includes(this.#rights.ownerOf(parts))
    // Of everybody it is told to owners only; to others it may be told of themselves, asked for or not.
    const isAboutThem = asked === null ? this.#options.tellsOwnUnasked === true : namesOf(who).includes(asked)
    if (this.#options.hidesPrivileges === true || !(isOwner || isAboutThem)) return forbidden('MANAGE', type, fullName)
    if (type === 'METASTORE') return null
    const [catalog = '', schema, table] = parts
    if (table !== undefined) {
      const found = this.table(who, fullName)
      return 'status' in found ? (found as DatabricksRefusal) : null
    }
    return schema === undefined ? this.#refusedCatalog(who, catalog) : this.#refusedSchema(who, parts)
  }

  /** What the old metastore of a workspace holds is none of Unity Catalog's. */
  #names(): readonly string[] {
    return Object.keys(this.#catalogs).filter(name => name !== 'hive_metastore')
  }

  #refusedCatalog(who: DatabricksPrincipal, name: string): DatabricksRefusal | null {
    if (this.#options.hasMetastore === false) return noMetastore
    if (!this.#names().includes(name)) return missing('CATALOG', name)
    return this.#rights.sees(who, [name]) ? null : forbidden('USE CATALOG', 'Catalog', name)
  }

  #refusedSchema(who: DatabricksPrincipal, parts: readonly string[]): DatabricksRefusal | null {
    const [catalog = '', schema = ''] = parts
    const refused = this.#refusedCatalog(who, catalog)
    if (refused) return refused
    if (!this.#rights.may(who, 'USE_CATALOG', [catalog])) return forbidden('USE CATALOG', 'Catalog', catalog)
    if (!Object.hasOwn(this.#catalogs[catalog]?.schemas ?? {}, schema)) return missing('SCHEMA', parts.join('.'))
    return this.#rights.may(who, 'USE_SCHEMA', parts) ? null : forbidden('USE SCHEMA', 'Schema', parts.join('.'))
  }

  /** Who may only BROWSE is shown more, where they ask for it. */
  #shows(who: DatabricksPrincipal, parts: readonly string[], query: Query): boolean {
    const onlySeen = !this.#rights.may(who, parts.length === 1 ? 'USE_CATALOG' : 'USE_SCHEMA', parts)
    const mayBrowse = this.#rights.may(who, 'BROWSE', parts)
    return this.#rights.sees(who, parts) && (query.get('include_browse') === 'true' || !(onlySeen && mayBrowse))
  }

  #onlySeen(who: DatabricksPrincipal, privilege: string, parts: readonly string[]): object {
    return this.#rights.may(who, 'BROWSE', parts) && !this.#rights.may(who, privilege, parts)
      ? { browse_only: true }
      : {}
  }

  #maySeeTable(who: DatabricksPrincipal, parts: readonly string[]): boolean {
    return ['SELECT', 'MODIFY', 'BROWSE', 'ALL_PRIVILEGES'].some(privilege => this.#rights.may(who, privilege, parts))
  }

  #describedCatalog(name: string): object {
    const { type = 'MANAGED_CATALOG' } = this.#catalogs[name] ?? {}
    return {
      name,
      full_name: name,
      owner: this.#rights.ownerOf([name]),
      catalog_type: type,
      metastore_id: metastoreId,
      isolation_mode: 'OPEN',
      securable_type: 'CATALOG',
    }
  }

  #describedSchema(parts: readonly string[]): object {
    const [catalog, name] = parts
    return {
      name,
      catalog_name: catalog,
      full_name: parts.join('.'),
      owner: this.#rights.ownerOf(parts),
      metastore_id: metastoreId,
    }
  }

  #describedTable(parts: readonly string[], table: DatabricksTable | undefined, omitsColumns: boolean): object {
    const [catalog, schema, name] = parts
    const { type = 'MANAGED', columns = [] } = table ?? {}
    const isView = type === 'VIEW' || type === 'MATERIALIZED_VIEW'
    return {
      name,
      catalog_name: catalog,
      schema_name: schema,
      full_name: parts.join('.'),
      table_type: type,
      data_source_format: isView ? 'UNKNOWN_DATA_SOURCE_FORMAT' : 'DELTA',
      owner: this.#rights.ownerOf(parts),
      metastore_id: metastoreId,
      ...(!omitsColumns && {
        columns: columns.map((column, position) => ({
          name: column.name,
          type_text: column.type,
          type_name: typeName(column.type),
          position,
          nullable: column.nullable ?? true,
          ...(column.comment !== undefined && { comment: column.comment }),
        })),
      }),
    }
  }

  #page<T>(key: string, all: readonly T[], query: Query, described: (item: T) => object): object {
    const { pageSize = 100, emptyPages = 0 } = this.#options
    const asked = Number(query.get('max_results') ?? 0)
    const size = asked > 0 ? Math.min(asked, pageSize) : pageSize
    const token = query.get('page_token')
    if (token !== null && !/^page-?-\d+$/.test(token)) {
      return refusal(400, 'INVALID_PARAMETER_VALUE', 'page_token is invalid.')
    }
    // Where it begins: pages without anything on them lie before the first item.
    const from = token === null ? -emptyPages : Number(token.slice('page-'.length))
    const to = from < 0 ? from + 1 : from + size
    const items = from < 0 ? [] : all.slice(from, to)
    return {
      // The service leaves out what is empty.
      ...(items.length > 0 && { [key]: items.map(described) }),
      ...((from < 0 || to < all.length) && { next_page_token: `page-${to}` }),
    }
  }
}

const typeName = (type: string): string => {
  const parsed = parseType(type)
  return (parsed.kind === 'PRIMITIVE' ? (parsed.name.split(' ')[0] ?? '') : parsed.kind).toUpperCase()
}
