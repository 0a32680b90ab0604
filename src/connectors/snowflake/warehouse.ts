import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { likeName } from './names.ts'
import type { SnowflakeRefusalError } from './refusal.ts'
import { isDenied, type ListedRow, StepProblemError, type Work } from './work.ts'

/** A warehouse as it stands. */
export interface Warehouse {
  readonly name: string
  /** `STARTED`, `SUSPENDED`, `RESUMING` and others. */
  readonly state: string
  readonly size: string
  /** Whether a statement starts it. */
  readonly resumesItself: boolean
  /** Seconds without a statement after which it stops; empty for never. */
  readonly autoSuspend: string
}

export const isRunning = ({ state }: Warehouse): boolean => state === 'STARTED' || state === 'RESIZING'

/** Makes it the session's, which starts nothing. Throws `StepProblemError`, and as `Work.run`. */
export async function useWarehouse(work: Work): Promise<void> {
  const { warehouse: name } = work.session.config
  try {
    const { warehouse } = await work.run(`USE WAREHOUSE ${quoteName(name)}`)
    if (warehouse === null || sameName(warehouse, name)) return
  } catch (error) {
    if (!isDenied(error, work.session)) throw error
    throw new StepProblemError(await missing(work, error))
  }
  throw new StepProblemError(notFound(work, []))
}

/** Some answers have names as SQL writes them. */
export const sameName = (told: string, name: string): boolean => told === name || told === quoteName(name)

/** How the form's own stands; null where it is not listed. Throws as `Work.list`. */
export async function lookAtWarehouse(work: Work): Promise<Warehouse | null> {
  const { warehouse } = work.session.config
  const { rows } = await listLike(work, warehouse)
  const row = rows.find(({ name }) => name === warehouse)
  return row ? warehouseOf(row) : null
}

const listLike = (work: Work, name: string) => work.list(`SHOW WAREHOUSES LIKE ${likeName(name)}`)

export const warehousesOf = (rows: readonly ListedRow[]): readonly Warehouse[] =>
  rows.map(warehouseOf).filter(({ name }) => name !== '')

const warehouseOf = (row: ListedRow): Warehouse => ({
  name: row['name'] ?? '',
  state: (row['state'] ?? '').toUpperCase(),
  size: row['size'] ?? '',
  resumesItself: /^(?:true|y)/i.test(row['auto_resume'] ?? ''),
  autoSuspend: row['auto_suspend'] ?? '',
})

/** Why a statement cannot begin that Snowflake found no running warehouse for. Throws as `Work.list`. */
export async function withoutWarehouse(work: Work, error: SnowflakeRefusalError): Promise<Problem> {
  const found = await lookAtWarehouse(work)
  const { warehouse, username } = work.session.config
  const about = { params: { warehouse, username }, fields: ['warehouse'], detail: `${error.message} (${error.code})` }
  if (found && !isRunning(found) && !found.resumesItself) {
    const sql = `ALTER WAREHOUSE ${quoteName(warehouse)} SET AUTO_RESUME = TRUE;`
    const remedies: Remedy[] = [{ kind: 'RUN_SQL', title: 'Let it start by itself', sql }]
    return problem('WAREHOUSE_SUSPENDED', { ...about, remedies })
  }
  return notUsable(work, about.detail)
}

async function missing(work: Work, error: SnowflakeRefusalError): Promise<Problem> {
  const { warehouse } = work.session.config
  const { rows } = await listLike(work, warehouse)
  if (rows.some(({ name }) => name === warehouse)) return notUsable(work, `${error.message} (${error.code})`)
  return notFound(
    work,
    rows.map(({ name = '' }) => name),
  )
}

function notUsable({ session }: Work, detail: string): Problem {
  const { warehouse } = session.config
  // Where it is not known which role that is, no other is offered: what PUBLIC may, everybody may.
  const role = session.role ?? session.config.role
  const remedies: Remedy[] =
    role === undefined
      ? []
      : [
          {
            kind: 'RUN_SQL',
            title: 'Let the role use it',
            sql: `GRANT USAGE ON WAREHOUSE ${quoteName(warehouse)} TO ROLE ${quoteName(role)};`,
          },
        ]
  return problem('WAREHOUSE_NOT_USABLE', { params: { warehouse }, fields: ['warehouse', 'role'], remedies, detail })
}

function notFound({ session }: Work, similar: readonly string[]): Problem {
  const { warehouse } = session.config
  return problem('WAREHOUSE_NOT_FOUND', {
    params: { warehouse },
    fields: ['warehouse', 'role'],
    remedies: similarRemedies('warehouse', warehouse, similar),
  })
}

/** Where exactly one other name differs only in case: that one. */
export function similarRemedies(field: string, typed: string, names: readonly string[]): Remedy[] {
  const similar = names.filter(name => name !== typed && name.toUpperCase() === typed.toUpperCase())
  const [only] = similar
  if (only === undefined || similar.length > 1) return []
  return [{ kind: 'SET_FIELD', title: `Case counts: use "${only}"`, field, value: only }]
}

export const warehouseEvidence = ({ name, state, size, resumesItself, autoSuspend }: Warehouse): Evidence[] => [
  measuredText('Warehouse', name),
  measuredText('State of the warehouse', state),
  ...(size === '' ? [] : [measuredText('Size of the warehouse', size)]),
  measuredText('Starts by itself', resumesItself ? 'yes' : 'no'),
  measuredText('Stops by itself', /^[1-9]\d*$/.test(autoSuspend) ? `after ${autoSuspend} s` : 'never'),
]
