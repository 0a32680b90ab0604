import type { Cell, SnowflakeAccount, SnowflakeTable } from './snowflake-account.ts'
import { type SnowflakeOutcome, sentence, statementTypes, textColumn } from './snowflake-outcome.ts'
import { refusals } from './snowflake-refusal.ts'
import { SnowflakeRights, writtenName } from './snowflake-rights.ts'
import { select } from './snowflake-select.ts'
import { activeRoles, type SnowflakeSession } from './snowflake-session.ts'
import { described, show } from './snowflake-show.ts'
import { type SqlToken, statementsOf, TokenReader, tokensOf } from './snowflake-tokens.ts'

export interface StatementContext {
  readonly account: SnowflakeAccount
  readonly session: SnowflakeSession
  readonly warehouses: ReadonlyMap<string, { readonly state: string }>
  /** What SYSTEM$ALLOWLIST tells. */
  readonly allowlist: string
  /** Told of what a statement has changed. */
  changed(sql: string): void
}

/** What comes of a text. Throws Snowflake's refusal. Only few statements are understood. */
export function outcomeOf(sql: string, context: StatementContext): SnowflakeOutcome {
  const statements = statementsOf(tokensOf(sql))
  const [statement = []] = statements
  if (statements.length > 1) throw refusals.severalStatements(statements.length)
  const reader = new TokenReader(statement)
  const show_ = { ...context, rights: new SnowflakeRights(context.account) }
  switch (reader.peek?.text) {
    case 'SELECT':
    case 'WITH':
    case '(':
      return select(statement, selectContext(context))
    case 'USE':
      reader.take()
      return use(reader, context)
    case 'SHOW':
      reader.take()
      return show(reader, show_)
    case 'DESC':
    case 'DESCRIBE':
      reader.take()
      for (const kind of ['TABLE', 'VIEW']) {
        if (reader.accept(kind)) return described(tableNamed(reader.name(), context, 'Table'))
      }
      throw refusals.syntax(reader.peek?.text ?? '<EOF>', reader.peek?.at)
    case 'EXPLAIN':
      return { columns: [textColumn('step')], rows: [['1']], typeId: statementTypes.EXPLAIN }
    case 'ALTER':
      if (reader.accept('ALTER', 'SESSION', 'SET')) return alterSession(reader, context)
      return effectful(sql, statement, context)
    default:
      return effectful(sql, statement, context)
  }
}

const verbs: Readonly<Record<string, number>> = {
  ...{ INSERT: statementTypes.INSERT, UPDATE: statementTypes.UPDATE, DELETE: statementTypes.DELETE },
  ...{ MERGE: statementTypes.MERGE, COPY: statementTypes.COPY, TRUNCATE: statementTypes.DDL },
  ...{ CREATE: statementTypes.DDL, ALTER: statementTypes.DDL, DROP: statementTypes.DDL, UNDROP: statementTypes.DDL },
  ...{ GRANT: statementTypes.DDL, REVOKE: statementTypes.DDL, COMMENT: statementTypes.DDL },
  ...{ BEGIN: statementTypes.TRANSACTION, COMMIT: statementTypes.TRANSACTION, ROLLBACK: statementTypes.TRANSACTION },
  ...{ CALL: statementTypes.UNKNOWN, EXECUTE: statementTypes.UNKNOWN, PUT: statementTypes.UNKNOWN },
  ...{ GET: statementTypes.UNKNOWN, REMOVE: statementTypes.UNKNOWN, LIST: statementTypes.UNKNOWN },
}

/** Nobody must ever get this far: what it would change is noted. */
function effectful(sql: string, [first]: readonly SqlToken[], context: StatementContext): SnowflakeOutcome {
  const typeId = verbs[first?.text ?? '']
  if (typeId === undefined) throw refusals.syntax(first?.text ?? '<EOF>', first?.at)
  return sentence('Statement executed successfully.', typeId, () => context.changed(sql))
}

function use(reader: TokenReader, context: StatementContext): SnowflakeOutcome {
  const { session, account } = context
  const rights = new SnowflakeRights(account)
  const done = (effect: () => void) => sentence('Statement executed successfully.', statementTypes.USE, effect)
  if (reader.accept('SECONDARY', 'ROLES')) {
    const which = reader.take()?.text
    if (which !== 'ALL' && which !== 'NONE') throw refusals.syntax(which ?? '<EOF>')
    return done(() => {
      session.secondaryRoles = which
    })
  }
  if (reader.accept('ROLE')) {
    const role = reader.name().join('.')
    if (!(role in account.roles)) throw refusals.unknownObject('Role', role)
    if (!rights.inherited(session.account.roles).has(role)) throw refusals.roleNotAssigned(role)
    return done(() => {
      session.role = role
    })
  }
  if (reader.accept('WAREHOUSE')) {
    const [name = ''] = reader.name()
    const mayUse = rights.may(activeRoles(session), 'USAGE', 'WAREHOUSE', writtenName(name))
    if (!(mayUse && name in account.warehouses)) throw refusals.cannotUse()
    return done(() => {
      session.warehouse = name
    })
  }
  const isDatabase = reader.accept('DATABASE')
  reader.accept('SCHEMA')
  const [name = '', inner] = reader.name()
  const database = isDatabase || inner !== undefined ? name : (session.database ?? '')
  const schema = isDatabase ? 'PUBLIC' : (inner ?? name)
  if (!seesDatabase(database, context)) throw refusals.cannotUse()
  const isThere = schema in (account.databases[database] ?? {}) || schema === 'INFORMATION_SCHEMA'
  const maySee = rights.sees(activeRoles(session), 'SCHEMA', writtenName(database, schema))
  if (!isDatabase && !(isThere && maySee)) throw refusals.cannotUse()
  return done(() => {
    session.database = database
    session.schema = isThere && maySee ? schema : null
  })
}

const seesDatabase = (name: string, { account, session }: StatementContext) =>
  name in account.databases && new SnowflakeRights(account).sees(activeRoles(session), 'DATABASE', writtenName(name))

function alterSession(reader: TokenReader, { session }: StatementContext): SnowflakeOutcome {
  const set = new Map<string, string>()
  while (reader.peek !== undefined) {
    const [name = ''] = reader.name()
    if (!reader.accept('=')) throw refusals.syntax(reader.peek?.text ?? '<EOF>', reader.peek?.at)
    set.set(name, reader.take()?.text ?? '')
    reader.accept(',')
  }
  return sentence('Statement executed successfully.', statementTypes.ALTER_SESSION, () => {
    for (const [name, value] of set) session.parameters.set(name, value)
  })
}

function tableNamed(name: readonly string[], context: StatementContext, kind = 'Object'): SnowflakeTable {
  const { session, account } = context
  const rights = new SnowflakeRights(account)
  const roles = activeRoles(session)
  const database = name.at(-3) ?? session.database
  const schema = name.at(-2) ?? session.schema
  const table = name.at(-1) ?? ''
  if (database === null) throw refusals.noDatabase()
  if (schema === null) throw refusals.noSchema()
  if (!seesDatabase(database, context)) throw refusals.unknownObject('Database', database)
  const within = writtenName(database, schema)
  const tables = account.databases[database]?.[schema]
  if (!tables || !rights.sees(roles, 'SCHEMA', within)) throw refusals.unknownObject('Schema', within)
  const full = writtenName(database, schema, table)
  const found = tables[table]
  const on = (found?.kind ?? 'TABLE').replace(' ', '_')
  if (!found || !rights.sees(roles, on, full)) throw refusals.unknownObject(kind, full)
  const mayRead =
    rights.may(roles, 'USAGE', 'DATABASE', writtenName(database)) &&
    rights.may(roles, 'USAGE', 'SCHEMA', within) &&
    rights.may(roles, 'SELECT', on, full)
  if (!mayRead && kind === 'Object') throw refusals.insufficientPrivileges('table', table)
  return found
}

const selectContext = (context: StatementContext) => ({
  table: (name: readonly string[]) => tableNamed(name, context),
  functionValue: (name: string) => functionValue(name, context),
})

function functionValue(name: string, { session, account, allowlist }: StatementContext): Cell | undefined {
  const [organization = '', accountName = ''] = account.names[0]?.split('-') ?? []
  const roles = session.account.roles
  switch (name) {
    case 'CURRENT_USER':
      return session.user
    case 'CURRENT_ROLE':
      return session.role
    case 'CURRENT_SECONDARY_ROLES':
      return JSON.stringify({
        roles: session.secondaryRoles === 'ALL' ? roles.join(',') : '',
        value: session.secondaryRoles === 'ALL' ? 'ALL' : '',
      })
    case 'CURRENT_AVAILABLE_ROLES':
      return JSON.stringify([...new SnowflakeRights(account).inherited(roles)])
    case 'CURRENT_WAREHOUSE':
      return session.warehouse
    case 'CURRENT_DATABASE':
      return session.database
    case 'CURRENT_SCHEMA':
      return session.schema
    case 'CURRENT_VERSION':
      return account.version
    case 'CURRENT_REGION':
      return account.region
    case 'CURRENT_ACCOUNT':
      return account.names[1] ?? null
    case 'CURRENT_ACCOUNT_NAME':
      return accountName
    case 'CURRENT_ORGANIZATION_NAME':
      return organization
    case 'CURRENT_SESSION':
      return String(session.id)
    case 'SYSTEM$ALLOWLIST':
    case 'SYSTEM$WHITELIST':
      return allowlist
    default:
      return undefined
  }
}
