import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import type { Run, WorkTransaction } from '../postgres-protocol/work-transaction.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { quoteName } from '../sql/quote-name.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { missingSchemas } from './missing-schemas.ts'
import { classifyError } from './problems.ts'
import { grantReadSql } from './remedy-sql.ts'

/** Some readable relations are broken or empty; more than this many need not be tried to know. */
const maxCandidates = 10

/** `column`: one that the account may read; null for a table without columns. */
const candidateShape = { schema: 'text', name: 'text', column: 'text?' } as const
type Candidate = RowOf<typeof candidateShape>

/** Tables before views before foreign tables: the simplest proof first. */
const candidatesSql = `
  SELECT n.nspname::text AS schema, c.relname::text AS name, a.attname::text AS column
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
    SELECT attname FROM pg_catalog.pg_attribute
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
      AND pg_catalog.has_column_privilege(c.oid, attnum, 'SELECT')
    ORDER BY attnum LIMIT 1
  ) a ON true
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND (pg_catalog.cardinality($1::text[]) = 0 OR n.nspname = ANY ($1::text[]))
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND (a.attname IS NOT NULL OR pg_catalog.has_table_privilege(c.oid, 'SELECT'))
  ORDER BY pg_catalog.array_position(ARRAY['r', 'p', 'm', 'v', 'f'], c.relkind::text), n.nspname, c.relname
  LIMIT ${maxCandidates}`

/** Really reads one row, on the server: nothing of its content is sent. */
export async function readStep(work: WorkTransaction<PostgresConfig>, context: StepContext): Promise<StepReport> {
  const { config } = work
  try {
    return await work.read(context, async run => {
      const absent = await missingSchemas(run, config.schemas)
      const candidates = (await run(candidatesSql, candidateShape, [config.schemas])).slice(0, maxCandidates)
      if (candidates.length === 0) return nothingReadable(work, absent)
      const report = await readFirst(candidates, run, work, context.signal)
      return { ...report, evidence: [...absentSchemas(absent), ...report.evidence] }
    })
  } catch (error) {
    if (context.signal.aborted) throw error
    return failed(classifyError(error, 'WORK', config))
  }
}

async function readFirst(
  candidates: readonly Candidate[],
  run: Run,
  work: WorkTransaction<PostgresConfig>,
  signal: AbortSignal,
): Promise<StepReport> {
  let lastProblem: Problem | null = null
  let empty: string | null = null
  const evidence: Evidence[] = []
  // Views may call functions that rely on the account's own path.
  await run('SET LOCAL search_path TO DEFAULT', {})
  for (const { schema, name, column } of candidates) {
    const label = `${schema}.${name}`
    await run('SAVEPOINT sample', {})
    try {
      const [row] = await run(
        `SELECT pg_catalog.count(*) AS rows FROM (SELECT ${column === null ? '' : quoteName(column)} FROM ${quoteName(schema)}.${quoteName(name)} LIMIT 1) AS sample`,
        { rows: 'integer' },
      )
      if (row?.rows !== 0 && row?.rows !== 1) throw new ProtocolFaultError('it counted neither one row nor none')
      if (row.rows === 1) return passed([...evidence, measuredText('Read one row of', label)])
      empty ??= label
    } catch (error) {
      if (signal.aborted || work.failure || error instanceof ProtocolFaultError) throw error
      lastProblem = classifyError(error, 'WORK', work.config)
      evidence.push(measuredText('Could not be read', `${label}: ${lastProblem.detail ?? lastProblem.message}`))
      await run('ROLLBACK TO SAVEPOINT sample', {})
    }
  }
  if (empty !== null) return passed([...evidence, measuredText('Read, but empty', empty)])
  return failed(lastProblem ?? problem('UNCLASSIFIED', { detail: 'READ' }), evidence)
}

function nothingReadable({ config }: WorkTransaction<PostgresConfig>, missing: readonly string[]): StepReport {
  const { path, username } = credentialsOf(config)
  const existing = config.schemas.filter(schema => !missing.includes(schema))
  const schemas = config.schemas.length === 0 ? ['public'] : existing
  return warning(
    problem('NOTHING_READABLE', {
      params: { username },
      fields: config.schemas.length === 0 ? [`${path}.username`] : ['schemas', `${path}.username`],
      remedies:
        schemas.length === 0
          ? []
          : [
              {
                kind: 'RUN_SQL',
                title: `Let the account read the tables of ${schemas.join(', ')}`,
                sql: grantReadSql(schemas, username),
              },
            ],
    }),
    absentSchemas(missing),
  )
}

const absentSchemas = (names: readonly string[]): Evidence[] =>
  names.map(name => measuredText('Schema does not exist', name))
