import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { hasEffects } from './function-fence.ts'
import { factsSql, powerfulRoles, privilegeStatements } from './privileges-sql.ts'

const rightKinds = [
  'SUPERUSER',
  'ROLE_FLAG',
  'MEMBERSHIP',
  'OWNER',
  'DATABASE',
  'SCHEMA',
  'TABLE',
  /** Locking, rebuilding, refreshing and being referred to: no row changes, but others are kept from changing theirs. */
  'MAINTAIN',
  'SEQUENCE',
  'LARGE_OBJECT',
  'FOREIGN',
  'FUNCTION',
  'SETTING',
] as const

/** One thing that an account may do beyond reading. */
export interface Right {
  readonly kind: (typeof rightKinds)[number]
  /** What it is on: a flag, a role, a schema, a table. */
  readonly object: string
  /** Null for the account's own, inherited ones included; otherwise the role that it can act as to use it. */
  readonly via: string | null
}

export interface Privileges {
  /** At most `maxPerKind` of each kind. */
  readonly rights: readonly Right[]
  /** Facts that are worth showing and are no rights to write by themselves. */
  readonly notes: readonly string[]
}

const maxNamedFunctions = 5

const factsShape = { version: 'integer', temp: 'boolean', bypass: 'boolean?', definers: 'texts' } as const
const rightShape = { kind: 'text', object: 'text', via: 'text?' } as const

/** What the session's user could do beyond reading, were it to try. Asks the catalogue; tries nothing. */
export async function measurePrivileges(run: Run): Promise<Privileges> {
  const [facts] = await run(factsSql, factsShape)
  if (!facts) throw new ProtocolFaultError('it did not say what the account may do')
  const statements = privilegeStatements(facts.version)
  const ask = async (sql: string, values?: readonly unknown[]) => (await run(sql, rightShape, values)).map(knownRight)
  const roles = await ask(statements.roles, [powerfulRoles])
  const notes = notesOf(facts)
  // A superuser holds every right there is: one line says it better than a list of everything.
  const supreme = roles.filter(right => right.kind === 'SUPERUSER' && right.via === null)
  if (supreme.length > 0) return { rights: supreme, notes }
  const schemas = await ask(statements.schemas)
  const relations = await ask(statements.relations)
  const others = await ask(statements.others)
  // Of PostgreSQL's own functions most are everybody's; the fence of queries knows which ones matter.
  const grave = others.filter(({ kind, object }) => kind !== 'FUNCTION' || hasEffects(object))
  return { rights: [...roles, ...schemas, ...relations, ...grave], notes }
}

function knownRight({ kind: name, ...rest }: RowOf<typeof rightShape>): Right {
  const kind = rightKinds.find(known => known === name)
  if (!kind) throw new ProtocolFaultError('it named a kind of right that nobody had asked about')
  return { kind, ...rest }
}

function notesOf({ temp, bypass, definers }: RowOf<typeof factsShape>): string[] {
  const named = definers.slice(0, maxNamedFunctions).join(', ')
  const more = definers.length > maxNamedFunctions ? ' and more' : ''
  return [
    ...(temp ? ['may create temporary tables and large objects, as every account by default'] : []),
    ...(bypass ? ['reads past row security policies'] : []),
    ...(definers.length > 0
      ? [`may call functions that run with their owner's rights and may write by them: ${named}${more}`]
      : []),
  ]
}
