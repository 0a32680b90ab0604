import { budgetOf } from '../cloud/remaining.ts'
import { isRecord } from '../form-tree-walk.ts'
import { restMs } from './budgets.ts'
import type { Securable } from './catalog.ts'
import type { Identity } from './identity.ts'
import { DatabricksError } from './problems.ts'
import type { JsonRecord } from './raw-answers.ts'
import type { Work } from './work.ts'

/** A right to do more than read, and who has it. */
export interface HeldRight {
  readonly words: string
  /** `MODIFY`; `OWNER` and `ADMIN` for what is no privilege. */
  readonly privilege: string
  /** What it was granted on; null for the workspace. */
  readonly on: { readonly type: string; readonly name: string } | null
  /** The group that has it; null for the principal. */
  readonly through: string | null
}

interface Assignment {
  readonly principal: string
  readonly privileges: readonly JsonRecord[]
}

/**
 * All others let somebody change something, or hand rights on. Names:
 * https://docs.databricks.com/en/data-governance/unity-catalog/manage-privileges/privileges.html
 */
const reading = [
  'USE_CATALOG',
  'USE_SCHEMA',
  'USAGE',
  'SELECT',
  'BROWSE',
  'EXECUTE',
  'READ_VOLUME',
  'READ_FILES',
  'READ_METADATA',
  'USE_MARKETPLACE_ASSETS',
]

/** Everybody of the account is in these. */
const everybody = ['account users', 'users']
/** Where rights are told only of one principal at a time. */
const maxGroups = 10
const maxPages = 10
const maxNameLength = 800
/** It goes into scripts as it is. */
const typeName = /^[A-Z_]{1,40}$/

/** What a principal, and the groups that it is in, may do besides reading, as Unity Catalog tells it. */
export class Privileges {
  readonly #work: Work
  readonly #identity: Identity
  readonly #names: ReadonlySet<string>
  /** Whether it is told of everybody at once; not of everything that is. */
  #tellsOfAll = true

  constructor(work: Work, identity: Identity) {
    this.#work = work
    this.#identity = identity
    // E-mail addresses are one however they are written.
    this.#names = new Set([identity.name, ...identity.groups, ...everybody].map(name => name.toLowerCase()))
  }

  /** What has been granted. Throws `DatabricksError` and `HttpCallError`, and the signal's reason when that aborts. */
  async on(securable: Securable): Promise<readonly HeldRight[]> {
    const assignments = await this.#assignments(securable)
    const granted = assignments.filter(({ principal }) => this.#isOurs(principal))
    return granted.flatMap(({ principal, privileges }) =>
      privileges.flatMap(given => this.#writing(securable, principal, given)),
    )
  }

  /** What owners may do is no privilege; whose something is has been told with it. */
  ownership({ type, parts, owner }: Securable): readonly HeldRight[] {
    return this.#isOurs(owner) ? [this.#right('OWNER', { type, name: parts.join('.') }, owner)] : []
  }

  #isOurs(principal: string): boolean {
    return this.#names.has(principal.toLowerCase())
  }

  #writing({ type, parts }: Securable, principal: string, given: JsonRecord): HeldRight[] {
    const { privilege, inherited_from_type: above, inherited_from_name: name } = given
    if (typeof privilege !== 'string' || reading.includes(privilege)) return []
    const on =
      typeof above === 'string' && typeName.test(above) && typeof name === 'string'
        ? { type: above, name: name.slice(0, maxNameLength) }
        : { type, name: parts.join('.') }
    return [this.#right(privilege.slice(0, maxNameLength), on, principal)]
  }

  #right(privilege: string, on: NonNullable<HeldRight['on']>, holder: string): HeldRight {
    const through = holder.toLowerCase() === this.#identity.name.toLowerCase() ? null : holder
    const where = on.type === 'METASTORE' ? 'the metastore' : `${on.type.toLowerCase()} ${on.name}`
    const what = privilege === 'OWNER' ? `ownership of ${where}` : `${privilege.replaceAll('_', ' ')} on ${where}`
    return { words: through === null ? what : `${what} (group ${through})`, privilege, on, through }
  }

  /** Of the principal and its groups: of all at once where that is told, or else one after the other. */
  async #assignments(securable: Securable): Promise<readonly Assignment[]> {
    const own = await this.#ask(securable, this.#identity.name)
    if (this.#tellsOfAll) {
      try {
        return [...own, ...(await this.#ask(securable, null))]
      } catch (error) {
        const { groups } = this.#identity
        const isDenied = error instanceof DatabricksError && error.problem.code === 'CLOUD_ACCESS_DENIED'
        // Whoever was not asked about must not count as somebody without rights.
        if (!isDenied || groups.length > maxGroups) throw error
        this.#tellsOfAll = false
      }
    }
    const assignments = [...own]
    for (const group of [...this.#identity.groups, ...everybody]) {
      assignments.push(...(await this.#askOfGroup(securable, group)))
    }
    return assignments
  }

  /** A group of the workspace only is none that anything was granted to. */
  async #askOfGroup(securable: Securable, group: string): Promise<readonly Assignment[]> {
    try {
      return await this.#ask(securable, group)
    } catch (error) {
      if (!(error instanceof DatabricksError) || !error.word.startsWith('PRINCIPAL_')) throw error
      return []
    }
  }

  async #ask({ type, parts }: Securable, principal: string | null): Promise<readonly Assignment[]> {
    const { workspace } = this.#work
    const assignments: Assignment[] = []
    let token: string | null = null
    for (let page = 0; page < maxPages; page += 1) {
      const query = new URLSearchParams({
        max_results: '0',
        ...(principal !== null && { principal }),
        ...(token !== null && { page_token: token }),
      })
      const name = encodeURIComponent(parts.join('.'))
      const answer: JsonRecord = await workspace.rest({
        path: `/api/2.1/unity-catalog/effective-permissions/${type.toLowerCase()}/${name}?${query}`,
        about: { action: 'to look up rights' },
        ...budgetOf(this.#work, restMs),
      })
      const listed = answer['privilege_assignments'] ?? []
      if (!Array.isArray(listed)) throw workspace.violation('it lists no rights')
      assignments.push(...listed.flatMap(assignmentOf))
      const next = answer['next_page_token']
      if (typeof next !== 'string' || next === '') return assignments
      token = next
    }
    throw workspace.violation('its list of rights has no end')
  }
}

function assignmentOf(item: unknown): Assignment[] {
  if (!isRecord(item) || typeof item['principal'] !== 'string' || !Array.isArray(item['privileges'])) return []
  return [{ principal: item['principal'], privileges: item['privileges'].filter(isRecord) }]
}
