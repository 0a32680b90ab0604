import { type Answer, command, rows } from './hostile-postgres-statements.ts'
import { redshiftListing } from './hostile-redshift-listing.ts'
import { redshiftVersion } from './redshift-facade.ts'

/** The first that fits; statements that only a reader can have written are `QUERY`. */
const answers: readonly (readonly [RegExp, Answer])[] = [
  [/^BEGIN/, command('BEGIN', 'BEGIN')],
  [/^ROLLBACK/, command('ROLLBACK', 'ROLLBACK')],
  [/^SET LOCAL/, command('SET', 'SET')],
  [/version\(\) AS version/, rows('OPEN', ['database', 'version'], ['dev', redshiftVersion])],
  [/AS sampled FROM/, rows('READ', ['sampled'], ['1'])],
  [
    /NULL::text AS column_name\s+FROM pg_class/,
    rows('CANDIDATES', ['schema', 'name', 'column_name'], ['public', 'orders', null]),
  ],
  [/nspname::text AS name FROM pg_namespace WHERE/, rows('SCHEMA_NAMES', ['name'], ['public'])],
  [/min\(column_name\)/, rows('COLUMNS', ['schema', 'name', 'column_name', 'type', 'grantee'])],
  [/FROM svv_external_tables/, rows('EXTERNAL', ['schema', 'name', 'column_name'])],
  [/usesuper AS superuser/, rows('FACTS', ['superuser', 'creates_databases', 'creates_schemas'], ['f', 'f', 'f'])],
  [/n\.nspowner = u\.usesysid AS owner/, rows('SCHEMAS', ['name', 'owner'])],
  [/c\.relowner = u\.usesysid AS owner/, rows('RELATIONS', ['schema', 'name', 'owner'])],
  [/current_user::text AS name/, rows('USER', ['name'], ['ann'])],
  [/FROM pg_group/, rows('GROUPS', ['name'])],
  [/FROM svv_user_grants/, rows('USER_ROLES', ['name'])],
  [/FROM svv_role_grants/, rows('ROLE_GRANTS', ['role', 'granted'])],
  [
    /FROM svv_(relation|column|schema|database|system)_privileges/,
    rows('GRANTS', ['schema', 'name', 'column_name', 'privilege', 'type', 'grantee']),
  ],
  [/usename::text AS name FROM pg_user/, rows('USER_NAMES', ['name'])],
  [/AS readable/, rows('READABLE', ['schema', 'name', 'readable'], ['public', 'orders', 't'])],
]

/** What a sound Redshift with one table answers to a statement. */
export const redshiftAnswerTo = (sql: string, values: readonly (string | null)[] = []): Answer =>
  redshiftListing({ sql, values }) ??
  answers.find(([pattern]) => pattern.test(sql.trim()))?.[1] ??
  rows('QUERY', ['n'], ['one'], ['two'])
