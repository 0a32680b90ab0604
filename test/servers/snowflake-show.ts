import type { Cell, SnowflakeAccount, SnowflakeColumn, SnowflakeTable } from './snowflake-account.ts'
import { type SnowflakeOutcome, statementTypes, textColumn } from './snowflake-outcome.ts'
import { refusals } from './snowflake-refusal.ts'
import { type SnowflakeGrant, type SnowflakeRights, writtenName } from './snowflake-rights.ts'
import { activeRoles, type SnowflakeSession } from './snowflake-session.ts'
import type { TokenReader } from './snowflake-tokens.ts'

/** What SHOW and DESCRIBE are asked in. */
export interface ShowContext {
  readonly account: SnowflakeAccount
  readonly rights: SnowflakeRights
  readonly session: SnowflakeSession
  /** As they are now: states change. */
  readonly warehouses: ReadonlyMap<string, { readonly state: string }>
}

type Entry = Readonly<Record<string, Cell>>

const createdOn = '1700000000.123000000'
const yesOrNo = (yes: boolean) => (yes ? 'Y' : 'N')
const instant = (name: string): SnowflakeColumn => ({ name, type: 'timestamp_ltz', scale: 9 })

function table(names: readonly string[], entries: readonly Entry[], typeId: number): SnowflakeOutcome {
  const columns = names.map(name => (/_on$/.test(name) && name !== 'granted_on' ? instant(name) : textColumn(name)))
  return { columns, rows: entries.map(entry => names.map(name => entry[name] ?? null)), typeId }
}

interface Filter {
  readonly scope: readonly string[]
  readonly scopeKind: string
  readonly limit: number
  matches(name: string): boolean
}

/** `LIKE 'x' IN SCHEMA a.b STARTS WITH 'y' LIMIT 5 FROM 'z'`. */
function filterOf(reader: TokenReader): Filter {
  let [like, start, from] = [/^/, '', '']
  let scope: readonly string[] = []
  let scopeKind = ''
  let limit = 10_000
  while (reader.peek !== undefined) {
    if (reader.accept('LIKE')) like = likePattern(textIn(reader))
    else if (reader.accept('STARTS', 'WITH')) start = textIn(reader)
    else if (reader.accept('LIMIT')) {
      limit = Number(reader.take()?.text)
      if (reader.accept('FROM')) from = textIn(reader)
    } else if (reader.accept('IN')) {
      scopeKind = ['ACCOUNT', 'DATABASE', 'SCHEMA'].find(kind => reader.accept(kind)) ?? ''
      scope = reader.name()
    } else if (!reader.accept('HISTORY')) {
      const { text = '', at = 0 } = reader.peek
      throw refusals.syntax(text, at)
    }
  }
  const matches = (name: string) => like.test(name) && name.startsWith(start) && (from === '' || name > from)
  return { scope, scopeKind, limit, matches }
}

/** What stands between quotes, without the backslashes that escape there. */
const textIn = (reader: TokenReader): string => (reader.take()?.text ?? '').replace(/\\([\s\S])/g, '$1')

/** In what is left, a backslash escapes once more. */
const likePattern = (written: string): RegExp => {
  const parts = [...written.matchAll(/\\([\s\S])|([\s\S])/g)].map(([, escaped, plain = '']) => {
    if (escaped === undefined && plain === '%') return '[\\s\\S]*'
    if (escaped === undefined && plain === '_') return '[\\s\\S]'
    return (escaped ?? plain).replace(/[^\w\s]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`, 'i')
}

const objectNames = [
  'created_on',
  'name',
  'database_name',
  'schema_name',
  'kind',
  'comment',
  'cluster_by',
  'rows',
  'bytes',
  'owner',
  'retention_time',
  'owner_role_type',
]
const warehouseNames = [
  'name',
  'state',
  'type',
  'size',
  'min_cluster_count',
  'max_cluster_count',
  'started_clusters',
  'running',
  'queued',
  'is_default',
  'is_current',
  'auto_suspend',
  'auto_resume',
  'available',
  'provisioning',
  'quiescing',
  'other',
  'created_on',
  'resumed_on',
  'updated_on',
  'owner',
  'comment',
  'resource_monitor',
  'scaling_policy',
  'owner_role_type',
]
const databaseNames = [
  'created_on',
  'name',
  'is_default',
  'is_current',
  'origin',
  'owner',
  'comment',
  'options',
  'retention_time',
  'kind',
  'owner_role_type',
]
const schemaNames = [
  'created_on',
  'name',
  'is_default',
  'is_current',
  'database_name',
  'owner',
  'comment',
  'options',
  'retention_time',
  'owner_role_type',
]
const grantNames = [
  'created_on',
  'privilege',
  'granted_on',
  'name',
  'granted_to',
  'grantee_name',
  'grant_option',
  'granted_by',
]

export function show(reader: TokenReader, context: ShowContext): SnowflakeOutcome {
  reader.accept('TERSE')
  const word = reader.take()
  switch (word?.text) {
    case 'GRANTS':
      return showGrants(reader, context)
    case 'WAREHOUSES':
      return listed(warehouseNames, warehousesOf(context), filterOf(reader))
    case 'DATABASES':
      return listed(databaseNames, databasesOf(context), filterOf(reader))
    case 'SCHEMAS': {
      const filter = filterOf(reader)
      return listed(schemaNames, schemasOf(context, filter), filter)
    }
    case 'OBJECTS':
    case 'TABLES':
    case 'VIEWS': {
      const filter = filterOf(reader)
      const kinds = { OBJECTS: /^/, TABLES: /TABLE/, VIEWS: /VIEW/ }[word.text]
      return listed(
        objectNames,
        objectsOf(context, filter).filter(({ kind }) => kinds.test(kind ?? '')),
        filter,
      )
    }
    case 'ROLES':
      return listed(['created_on', 'name', 'owner'], rolesOf(context), filterOf(reader))
    case 'PARAMETERS':
      return table(
        ['key', 'value', 'default', 'level', 'description', 'type'],
        [...context.session.parameters].map(([key, value]) => ({ key, value, default: '', level: 'SESSION' })),
        statementTypes.SHOW,
      )
    default:
      throw refusals.syntax(word?.text ?? '<EOF>', word?.at)
  }
}

/** In the order of names, and never more than SHOW lists. */
function listed(names: readonly string[], entries: readonly Entry[], { matches, limit }: Filter): SnowflakeOutcome {
  const named = entries.filter(({ name }) => matches(name ?? ''))
  named.sort(({ name: a }, { name: b }) => ((a ?? '') < (b ?? '') ? -1 : 1))
  return table(names, named.slice(0, Math.min(limit, 10_000)), statementTypes.SHOW)
}

function warehousesOf({ account, rights, session, warehouses }: ShowContext): readonly Entry[] {
  const roles = activeRoles(session)
  return Object.entries(account.warehouses)
    .filter(([name]) => rights.sees(roles, 'WAREHOUSE', writtenName(name)))
    .map(([name, { autoResume = true, size = 'X-Small', exhaustedBy = 'null' }]) => ({
      ...{ name, state: warehouses.get(name)?.state ?? 'SUSPENDED', type: 'STANDARD', size, running: '0', queued: '0' },
      ...{ is_default: 'N', is_current: yesOrNo(session.warehouse === name), auto_suspend: '600' },
      ...{ auto_resume: String(autoResume), created_on: createdOn, resumed_on: createdOn, updated_on: createdOn },
      ...{ owner: 'SYSADMIN', comment: '', resource_monitor: exhaustedBy, scaling_policy: 'STANDARD' },
    }))
}

function databasesOf({ account, rights, session }: ShowContext): readonly Entry[] {
  return Object.keys(account.databases)
    .filter(name => rights.sees(activeRoles(session), 'DATABASE', writtenName(name)))
    .map(name => ({
      ...{ created_on: createdOn, name, is_default: 'N', is_current: yesOrNo(session.database === name), origin: '' },
      ...{ owner: 'SYSADMIN', comment: '', options: '', retention_time: '1', kind: 'STANDARD' },
    }))
}

/** The names of databases that are asked about: one, or all of them. */
function databasesIn({ scope, scopeKind }: Filter, { account, session }: ShowContext): readonly string[] {
  if (scopeKind === 'ACCOUNT') return Object.keys(account.databases)
  const name = scopeKind === 'SCHEMA' && scope.length === 1 ? session.database : (scope[0] ?? session.database)
  return name === null ? Object.keys(account.databases) : [name]
}

function schemasOf(context: ShowContext, filter: Filter): readonly Entry[] {
  const { account, rights, session } = context
  const roles = activeRoles(session)
  return databasesIn(filter, context).flatMap(database => {
    const isSeen = database in account.databases && rights.sees(roles, 'DATABASE', writtenName(database))
    if (!isSeen) throw refusals.unknownObject('Database', database)
    return Object.keys(account.databases[database] ?? {})
      .filter(name => rights.sees(roles, 'SCHEMA', writtenName(database, name)))
      .concat('INFORMATION_SCHEMA')
      .map(name => ({
        ...{ created_on: createdOn, name, is_default: 'N', database_name: database, owner: 'SYSADMIN', comment: '' },
        is_current: yesOrNo(session.database === database && session.schema === name),
      }))
  })
}

function objectsOf(context: ShowContext, filter: Filter): readonly Entry[] {
  const { account, rights, session } = context
  const roles = activeRoles(session)
  const isOneSchema = filter.scopeKind === 'SCHEMA' || filter.scope.length === 2
  const wanted = isOneSchema ? (filter.scope.at(-1) ?? session.schema) : filter.scopeKind === '' ? session.schema : null
  return databasesIn(filter, context).flatMap(database => {
    const isSeen = database in account.databases && rights.sees(roles, 'DATABASE', writtenName(database))
    if (!isSeen && filter.scopeKind !== 'ACCOUNT') throw refusals.unknownObject('Database', database)
    const schemas = Object.entries(account.databases[database] ?? {})
    const isKnown =
      schemas.some(([name]) => name === wanted) &&
      rights.may(roles, 'USAGE', 'SCHEMA', writtenName(database, wanted ?? ''))
    if (wanted !== null && !isKnown) throw refusals.unknownObject('Schema', writtenName(database, wanted))
    return schemas
      .filter(([name]) => wanted === null || name === wanted)
      .flatMap(([schema, tables]) => objectsIn(database, schema, Object.entries(tables), context))
  })
}

const objectsIn = (
  database: string,
  schema: string,
  tables: readonly (readonly [string, SnowflakeTable])[],
  { rights, session }: ShowContext,
): readonly Entry[] =>
  tables
    .map(([name, { kind = 'TABLE', rows = [] }]) => ({
      ...{ created_on: createdOn, name, database_name: database, schema_name: schema, kind, comment: '' },
      ...{ cluster_by: '', rows: kind === 'VIEW' ? null : String(rows.length), bytes: kind === 'VIEW' ? null : '1024' },
      ...{ owner: 'SYSADMIN', retention_time: '1', owner_role_type: 'ROLE' },
    }))
    .filter(({ name, kind }) =>
      rights.sees(activeRoles(session), kind.replace(' ', '_'), writtenName(database, schema, name)),
    )

const rolesOf = ({ account, session }: ShowContext): readonly Entry[] =>
  Object.keys(account.roles)
    .filter(name => session.account.roles.includes(name) || name === 'PUBLIC')
    .map(name => ({ created_on: createdOn, name, owner: 'SECURITYADMIN' }))

function showGrants(reader: TokenReader, context: ShowContext): SnowflakeOutcome {
  const { account, rights, session } = context
  if (reader.accept('TO', 'USER') || reader.peek === undefined) {
    const user = reader.name()[0] ?? session.user
    if (user !== session.user) throw refusals.unknownObject('User', user)
    const entries = session.account.roles.map(role => ({
      ...{ created_on: createdOn, role, granted_to: 'USER', grantee_name: user, granted_by: 'SECURITYADMIN' },
    }))
    return table(['created_on', 'role', 'granted_to', 'grantee_name', 'granted_by'], entries, statementTypes.SHOW)
  }
  const isDatabaseRole = reader.accept('TO', 'DATABASE', 'ROLE')
  if (!isDatabaseRole && !reader.accept('TO', 'ROLE')) throw refusals.syntax(reader.peek?.text ?? '', reader.peek?.at)
  const role = reader.name().join('.')
  const isSeen = rights.inherited(activeRoles(session)).has(role) || session.account.roles.includes(role)
  if (!(role in account.roles || role === 'PUBLIC') || !isSeen) throw refusals.unknownObject('Role', role)
  const entry = ({ privilege, on, name, grantOption }: SnowflakeGrant): Entry => ({
    ...{ created_on: createdOn, privilege, granted_on: on, name, grantee_name: role.split('.').at(-1) ?? role },
    ...{ granted_to: isDatabaseRole ? 'DATABASE_ROLE' : 'ROLE', grant_option: String(grantOption) },
    granted_by: 'SECURITYADMIN',
  })
  return table(grantNames, rights.grantsOf(role).map(entry), statementTypes.SHOW)
}

/** What DESCRIBE TABLE tells of its columns. */
export const described = ({ columns }: Pick<SnowflakeTable, 'columns'>): SnowflakeOutcome =>
  table(
    ['name', 'type', 'kind', 'null?', 'default', 'primary key', 'unique key', 'check', 'expression', 'comment'],
    columns.map(column => ({
      ...{ name: column.name, type: declaredType(column), kind: 'COLUMN', 'null?': 'Y', 'primary key': 'N' },
      'unique key': 'N',
    })),
    statementTypes.DESCRIBE,
  )

const declaredNames: Readonly<Record<SnowflakeColumn['type'], string>> = {
  ...{ fixed: 'NUMBER', real: 'FLOAT', text: 'VARCHAR', boolean: 'BOOLEAN', date: 'DATE', time: 'TIME' },
  ...{ timestamp_ntz: 'TIMESTAMP_NTZ', timestamp_ltz: 'TIMESTAMP_LTZ', timestamp_tz: 'TIMESTAMP_TZ' },
  ...{ binary: 'BINARY', variant: 'VARIANT', object: 'OBJECT', array: 'ARRAY', vector: 'VECTOR' },
}

function declaredType({ type, declared, precision, scale, length }: SnowflakeColumn): string {
  if (declared !== undefined) return declared
  const name = declaredNames[type]
  if (type === 'fixed') return `${name}(${precision ?? 38},${scale ?? 0})`
  if (type === 'text' || type === 'binary') return `${name}(${length ?? 16_777_216})`
  return scale === undefined ? name : `${name}(${scale})`
}
