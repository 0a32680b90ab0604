import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import type { RowOf } from './answer.ts'
import { credentialsOf } from './credentials.ts'
import type { MysqlConfig } from './form.ts'
import { quoteName, quoteText } from './quote.ts'
import { accountIn, grantReadSql } from './remedy-sql.ts'
import { systemSchemaList } from './system-schemas.ts'
import type { Run, Work } from './work.ts'

/** What the account may know of, which is more than what it may read. */
const maxKnown = 200
/** Some readable relations are broken or empty; more than this many need not be tried to know. */
const maxTried = 10

const candidateShape = { schema: 'text', name: 'text' } as const
type Candidate = RowOf<typeof candidateShape>

/** Tables before views: the simplest proof first. */
const candidatesSql = ({ database }: MysqlConfig) => `
  SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
  WHERE ${database === undefined ? `TABLE_SCHEMA NOT IN (${systemSchemaList})` : `TABLE_SCHEMA = ${quoteText(database)}`}
  ORDER BY TABLE_TYPE = 'VIEW', TABLE_SCHEMA, TABLE_NAME LIMIT ${maxKnown}`

/** By name, so that servers need not look at every table that there is. */
const readableColumnSql = ({ schema, name }: Candidate) => `
  SELECT COLUMN_NAME FROM information_schema.COLUMNS
  WHERE TABLE_SCHEMA = ${quoteText(schema)} AND TABLE_NAME = ${quoteText(name)} AND FIND_IN_SET('select', PRIVILEGES)
  ORDER BY ORDINAL_POSITION LIMIT 1`

/** Really reads one row, on the server: nothing of its content is sent. */
export async function readStep(work: Work, context: StepContext): Promise<StepReport> {
  try {
    return await work.read(context, async run => {
      const candidates = await run(candidatesSql(work.config), candidateShape)
      return readFirst(candidates.slice(0, maxKnown), run, work, context.signal)
    })
  } catch (error) {
    if (context.signal.aborted) throw error
    return failed(work.problemOf(error))
  }
}

async function readFirst(
  candidates: readonly Candidate[],
  run: Run,
  work: Work,
  signal: AbortSignal,
): Promise<StepReport> {
  let lastProblem: Problem | null = null
  let empty: string | null = null
  let tried = 0
  const evidence: Evidence[] = []
  for (const candidate of candidates) {
    if (tried === maxTried) break
    const label = `${candidate.schema}.${candidate.name}`
    try {
      const [readable] = await run(readableColumnSql(candidate), { column: 'text' })
      if (!readable) continue
      tried += 1
      const source = `${quoteName(candidate.schema)}.${quoteName(candidate.name)}`
      const [row] = await run(
        `SELECT COUNT(*) FROM (SELECT ${quoteName(readable.column)} FROM ${source} LIMIT 1) AS sample`,
        { rows: 'integer' },
      )
      if (row?.rows !== 0 && row?.rows !== 1) throw new ProtocolFaultError('it counted neither one row nor none')
      if (row.rows === 1) return passed([...evidence, measuredText('Read one row of', label)])
      empty ??= label
    } catch (error) {
      if (signal.aborted || work.failure || error instanceof ProtocolFaultError) throw error
      lastProblem = work.problemOf(error, 'CATALOG')
      evidence.push(measuredText('Could not be read', `${label}: ${lastProblem.detail ?? lastProblem.message}`))
    }
  }
  if (empty !== null) return passed([...evidence, measuredText('Read, but empty', empty)])
  return lastProblem ? failed(lastProblem, evidence) : nothingReadable(work)
}

function nothingReadable({ config, session }: Work): StepReport {
  const { path, username } = credentialsOf(config)
  const { database } = config
  return warning(
    problem('NOTHING_READABLE', {
      params: { username },
      fields: [...(database === undefined ? [] : ['database']), `${path}.username`],
      remedies:
        database === undefined
          ? []
          : [
              {
                kind: 'RUN_SQL',
                title: `Let the account read the tables of ${database}`,
                sql: grantReadSql(database, accountIn(session.account)),
              },
            ],
    }),
  )
}
