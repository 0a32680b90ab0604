import { placeholders } from './relation-sql.ts'
import { unlessUnseen } from './unless-unseen.ts'
import type { Work } from './work.ts'

/** Everybody by whose rights the account may act, beside everybody. */
export interface Grantees {
  readonly user: string
  readonly groups: readonly string[]
  /** Those that were granted to the account, and those that were granted to these. */
  readonly roles: readonly string[]
}

const userSql = 'SELECT current_user::text AS name'

const groupsSql = `
  SELECT g.groname::text AS name FROM pg_group g, pg_user u
  WHERE u.usename = current_user AND u.usesysid = ANY (g.grolist) ORDER BY 1 LIMIT 200`

const rolesSql =
  'SELECT role_name::text AS name FROM svv_user_grants WHERE user_name = current_user ORDER BY 1 LIMIT 200'

const roleGrantsSql =
  'SELECT role_name::text AS role, granted_role_name::text AS granted FROM svv_role_grants ORDER BY 1, 2 LIMIT 1000'

/** `unseen` is told of views that could not be looked at. */
export async function granteesOf(work: Work, unseen: string[]): Promise<Grantees> {
  const name = { name: 'text' } as const
  const { user, groups } = await work.read(async run => ({
    user: (await run(userSql, name))[0]?.name ?? '',
    groups: await run(groupsSql, name),
  }))
  const granted = await unlessUnseen(work, 'svv_user_grants', unseen, run => run(rolesSql, name))
  const further = await unlessUnseen(work, 'svv_role_grants', unseen, run =>
    run(roleGrantsSql, { role: 'text', granted: 'text' }),
  )
  return {
    user,
    groups: groups.map(group => group.name),
    roles: withGranted(
      (granted ?? []).map(role => role.name),
      further ?? [],
    ),
  }
}

/** A role has the rights of the roles that were granted to it, and so on. */
function withGranted(
  first: readonly string[],
  grants: readonly { readonly role: string; readonly granted: string }[],
): string[] {
  const all = new Set(first)
  // Grows while it is walked.
  for (const role of all) {
    for (const grant of grants) if (grant.role === role) all.add(grant.granted)
  }
  return [...all]
}

/** A question about what was granted to them, or to everybody: part of its WHERE clause, and the values of that. */
export interface NamedGrantees {
  readonly values: readonly string[]
  /** `first`: the number of the first of the values among the statement's parameters. */
  condition(first: number): string
}

export function namesGrantees({ user, groups, roles }: Grantees): NamedGrantees {
  // At least one, and no more than a statement may have parameters.
  const values = [...new Set([user, ...groups, ...roles])].slice(0, 500)
  return {
    values,
    condition: first => `(identity_type = 'public' OR identity_name IN (${placeholders(values, first)}))`,
  }
}

/** Names are unique for each type of identity only. */
export function isAmong({ user, groups, roles }: Grantees, type: string, identity: string): boolean {
  switch (type) {
    case 'public':
      return true
    case 'user':
      return identity === user
    case 'group':
      return groups.includes(identity)
    case 'role':
      return roles.includes(identity)
    default:
      return false
  }
}
