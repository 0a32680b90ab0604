import { administrator, type DatabricksCatalogs } from './databricks-catalog.ts'

export type SecurableType = 'METASTORE' | 'CATALOG' | 'SCHEMA' | 'TABLE'

/** What somebody, or a group, has been granted. */
export interface DatabricksGrant {
  readonly principal: string
  readonly type: SecurableType
  /** `main`, `main.sales`, `main.sales.orders`; whatever for the metastore. */
  readonly name: string
  readonly privileges: readonly string[]
}

/** Whoever has a token. */
export interface DatabricksPrincipal {
  /** An e-mail address, or the application id of a service principal. */
  readonly name: string
  readonly groups: readonly string[]
  readonly isServicePrincipal: boolean
}

export interface EffectivePrivilege {
  readonly privilege: string
  readonly inherited_from_type?: SecurableType
  readonly inherited_from_name?: string
}

/** Of every table in the catalog `main`, and nothing more. */
export const readerGrants = (principal: string): readonly DatabricksGrant[] => [
  { principal, type: 'CATALOG', name: 'main', privileges: ['USE_CATALOG', 'USE_SCHEMA', 'SELECT'] },
]

const typeOf = (parts: readonly string[]): SecurableType =>
  (['CATALOG', 'SCHEMA', 'TABLE'] as const)[parts.length - 1] ?? 'TABLE'

/** The securable itself, and those that it lies in, without the metastore: what is granted there is not inherited. */
const lineage = (parts: readonly string[]) =>
  parts.map((_, index) => ({ type: typeOf(parts.slice(0, index + 1)), parts: parts.slice(0, index + 1) }))

/** Who may do what: grants of Unity Catalog go down, and owners may do anything with what is theirs. */
export class DatabricksRights {
  readonly #grants: readonly DatabricksGrant[]
  readonly #catalogs: DatabricksCatalogs

  constructor(grants: readonly DatabricksGrant[], catalogs: DatabricksCatalogs) {
    this.#grants = grants
    this.#catalogs = catalogs
  }

  ownerOf([catalog = '', schema, table]: readonly string[]): string {
    const found = this.#catalogs[catalog]
    if (schema === undefined) return found?.owner ?? administrator
    if (table === undefined) return found?.schemas[schema]?.owner ?? administrator
    return found?.schemas[schema]?.tables[table]?.owner ?? administrator
  }

  may(who: DatabricksPrincipal, privilege: string, parts: readonly string[]): boolean {
    // The old metastore has rights of its own, of which nothing is known here.
    if (parts[0] === 'hive_metastore') return true
    if (this.#owns(who, parts)) return true
    return namesOf(who).some(name =>
      this.effective(name, parts).some(held => held.privilege === privilege || held.privilege === 'ALL_PRIVILEGES'),
    )
  }

  /** Whether Unity Catalog would show them that it is there. */
  sees(who: DatabricksPrincipal, parts: readonly string[]): boolean {
    if (this.#owns(who, parts)) return true
    return namesOf(who).some(
      name =>
        this.#grants.some(
          grant =>
            grant.principal === name &&
            (grant.name === parts.join('.') || grant.name.startsWith(`${parts.join('.')}.`)),
        ) || this.effective(name, parts).length > 0,
    )
  }

  /** What a name, not its groups, has been granted there and above. */
  effective(principal: string, parts: readonly string[]): readonly EffectivePrivilege[] {
    return lineage(parts).flatMap(level => {
      const isItself = level.parts.length === parts.length
      return this.#of(principal, level.type, level.parts.join('.')).map(privilege => ({
        privilege,
        ...(!isItself && { inherited_from_type: level.type, inherited_from_name: level.parts.join('.') }),
      }))
    })
  }

  onMetastore(principal: string): readonly EffectivePrivilege[] {
    return this.#grants
      .filter(grant => grant.principal === principal && grant.type === 'METASTORE')
      .flatMap(({ privileges }) => privileges.map(privilege => ({ privilege })))
  }

  #of(principal: string, type: SecurableType, name: string): readonly string[] {
    return this.#grants
      .filter(grant => grant.principal === principal && grant.type === type && grant.name === name)
      .flatMap(({ privileges }) => privileges)
  }

  #owns(who: DatabricksPrincipal, parts: readonly string[]): boolean {
    return lineage(parts).some(level => namesOf(who).includes(this.ownerOf(level.parts)))
  }
}

/** Themselves, their groups, and the group of everybody. */
export const namesOf = ({ name, groups }: DatabricksPrincipal): readonly string[] => [name, ...groups, 'account users']
