import type { SnowflakeAccount } from './snowflake-account.ts'

export interface SnowflakeGrant {
  readonly privilege: string
  /** `TABLE`, `DATABASE_ROLE`. */
  readonly on: string
  readonly name: string
  readonly grantOption: boolean
}

const pattern =
  /^(?<privilege>[A-Z ]+?) ON (?<on>DATABASE ROLE|EXTERNAL TABLE|MATERIALIZED VIEW|FILE FORMAT|[A-Z]+)(?: (?<name>.+?))?(?<option> WITH GRANT OPTION)?$/

export function parseGrant(written: string): SnowflakeGrant {
  const { privilege, on, name = '', option } = pattern.exec(written)?.groups ?? {}
  if (privilege === undefined || on === undefined) throw new TypeError(written)
  return { privilege, on: on.replace(' ', '_'), name, grantOption: option !== undefined }
}

/** `SALES.PUBLIC."lower case"`. */
export const writtenName = (...parts: readonly string[]): string =>
  parts.map(part => (/^[A-Z_][A-Z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.')

const isRole = ({ on }: SnowflakeGrant) => on === 'ROLE' || on === 'DATABASE_ROLE'

/** What roles may do in an account. */
export class SnowflakeRights {
  readonly #account: SnowflakeAccount
  /** By the roles that have them. */
  readonly #known = new Map<string, readonly SnowflakeGrant[]>()

  constructor(account: SnowflakeAccount) {
    this.#account = account
  }

  grantsOf(role: string): readonly SnowflakeGrant[] {
    return (this.#account.roles[role] ?? []).map(parseGrant)
  }

  /** The roles, and those that have been granted to them, however far that goes. */
  inherited(roles: readonly string[]): ReadonlySet<string> {
    const all = new Set<string>()
    const waiting = [...roles, 'PUBLIC']
    for (let role = waiting.pop(); role !== undefined; role = waiting.pop()) {
      if (all.has(role)) continue
      all.add(role)
      waiting.push(...this.grantsOf(role).flatMap(grant => (isRole(grant) ? [grant.name] : [])))
    }
    return all
  }

  #granted(roles: readonly string[]): readonly SnowflakeGrant[] {
    const key = roles.join()
    const known = this.#known.get(key) ?? [...this.inherited(roles)].flatMap(role => this.grantsOf(role))
    this.#known.set(key, known)
    return known
  }

  #isAdministrator(roles: readonly string[]): boolean {
    return (
      roles.includes('ACCOUNTADMIN') ||
      this.#granted(roles).some(grant => isRole(grant) && grant.name === 'ACCOUNTADMIN')
    )
  }

  may(roles: readonly string[], privilege: string, on: string, name: string): boolean {
    const isIt = (grant: SnowflakeGrant) =>
      grant.on === on && grant.name === name && (grant.privilege === privilege || grant.privilege === 'OWNERSHIP')
    return this.#isAdministrator(roles) || this.#granted(roles).some(isIt)
  }

  /** Whether the roles may do anything at all with it, or with something in it. */
  sees(roles: readonly string[], on: string, name: string): boolean {
    const concerns = (grant: SnowflakeGrant) =>
      (grant.on === on && grant.name === name) ||
      (['DATABASE', 'SCHEMA'].includes(on) && grant.name.startsWith(`${name}.`) && !isRole(grant))
    return this.#isAdministrator(roles) || this.#granted(roles).some(concerns)
  }
}
