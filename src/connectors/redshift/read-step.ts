import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { quoteName } from '../sql/quote-name.ts'
import { granteesOf, isAmong, type NamedGrantees, namesGrantees } from './grantees.ts'
import { missingSchemas } from './missing-schemas.ts'
import { classifyError, subjectOf } from './problems.ts'
import { isOwnSchema, isRelation, may, placeholders } from './relation-sql.ts'
import { grantReadSql } from './remedy-sql.ts'
import type { Work } from './work.ts'

/** Some readable relations are broken or empty; more than this many need not be tried to know. */
const maxCandidates = 10

/** `column_name`: the one that may be read; null where all of them may. */
const candidateShape = { schema: 'text', name: 'text', column_name: 'text?' } as const
type Candidate = RowOf<typeof candidateShape>

const among = (column: string, values: readonly string[]): string =>
  values.length === 0 ? '' : `AND ${column} IN (${placeholders(values)})`

/** Tables before views. */
const relationsSql = (schemas: readonly string[]): string => `
  SELECT n.nspname::text AS schema, c.relname::text AS name, NULL::text AS column_name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${isRelation} AND ${isOwnSchema} ${among('n.nspname', schemas)} AND ${may('SELECT')}
  ORDER BY c.relkind, 1, 2 LIMIT ${maxCandidates}`

const columnShape = { ...candidateShape, type: 'text', grantee: 'text' } as const

/** What was granted of tables of which the account may not read the whole. */
const columnsSql = (schemas: readonly string[], named: NamedGrantees): string => `
  SELECT namespace_name::text AS schema, relation_name::text AS name, min(column_name)::text AS column_name,
         identity_type::text AS type, identity_name::text AS grantee
  FROM svv_column_privileges
  WHERE privilege_type = 'SELECT' AND substring(namespace_name::text, 1, 3) <> 'pg_'
    AND namespace_name <> 'information_schema' ${among('namespace_name', schemas)}
    AND ${named.condition(schemas.length + 1)}
  GROUP BY 1, 2, 4, 5 ORDER BY 1, 2, 3 LIMIT ${maxCandidates}`

/** Tables that lie elsewhere, in Amazon S3 above all. */
const externalSql = (schemas: readonly string[]): string => `
  SELECT schemaname::text AS schema, tablename::text AS name, NULL::text AS column_name
  FROM svv_external_tables ${schemas.length === 0 ? '' : `WHERE schemaname IN (${placeholders(schemas)})`}
  ORDER BY 1, 2 LIMIT ${maxCandidates}`

/** Really reads one row, on the server: nothing of its content is sent. */
export async function readStep(work: Work, mayBeBilled: boolean): Promise<StepReport> {
  const { schemas } = work.config
  const { absent, candidates } = await work.read(async run => ({
    absent: await missingSchemas(run, schemas),
    candidates: await run(relationsSql(schemas), candidateShape, schemas),
  }))
  const missing: Evidence[] = absent.map(name => measuredText('Schema does not exist', name))
  const readable = candidates.length > 0 ? candidates : await optional(work, () => readableColumns(work))
  const report = readable.length > 0 ? await readFirst(readable, work) : await external(work, absent, mayBeBilled)
  return { ...report, evidence: [...missing, ...report.evidence] }
}

/** Accounts that may look at every grant see those of others too. */
async function readableColumns(work: Work): Promise<readonly Candidate[]> {
  const { schemas } = work.config
  const grantees = await granteesOf(work, [])
  const named = namesGrantees(grantees)
  const granted = await work.read(run => run(columnsSql(schemas, named), columnShape, [...schemas, ...named.values]))
  return granted.filter(({ type, grantee }) => isAmong(grantees, type, grantee))
}

/** A view of the system that not every account may look at, and not every version has. */
async function optional(work: Work, find: () => Promise<readonly Candidate[]>): Promise<readonly Candidate[]> {
  try {
    return await find()
  } catch (error) {
    if (work.signal.aborted || work.isBroken || error instanceof ProtocolFaultError) throw error
    return []
  }
}

async function readFirst(candidates: readonly Candidate[], work: Work): Promise<StepReport> {
  let lastProblem: Problem | null = null
  let empty: string | null = null
  const evidence: Evidence[] = []
  // A server names as many as it was asked for, or fewer.
  for (const { schema, name, column_name: column } of candidates.slice(0, maxCandidates)) {
    const label = `${schema}.${name}`
    const sample = `SELECT ${column === null ? '1 AS one' : quoteName(column)} FROM ${quoteName(schema)}.${quoteName(name)} LIMIT 1`
    try {
      const [row] = await work.read(async run => {
        // Views may call functions that rely on the account's own path.
        await run('SET LOCAL search_path TO DEFAULT', {})
        return run(`SELECT count(*) AS sampled FROM (${sample}) AS sample`, { sampled: 'integer' })
      })
      if (row?.sampled !== 0 && row?.sampled !== 1) throw new ProtocolFaultError('it counted neither one row nor none')
      if (row.sampled === 1) return passed([...evidence, measuredText('Read one row of', label)])
      empty ??= label
    } catch (error) {
      if (work.signal.aborted || work.isBroken || error instanceof ProtocolFaultError) throw error
      lastProblem = classifyError(error, 'WORK', work.config, work.username)
      evidence.push(measuredText('Could not be read', `${label}: ${lastProblem.detail ?? lastProblem.message}`))
    }
  }
  if (empty !== null) return passed([...evidence, measuredText('Read, but empty', empty)])
  return failed(lastProblem ?? problem('UNCLASSIFIED', { detail: 'READ' }), evidence)
}

/** What Redshift reads elsewhere is billed by what it reads. */
async function external(work: Work, absent: readonly string[], mayBeBilled: boolean): Promise<StepReport> {
  const { schemas } = work.config
  const candidates = await optional(work, () => work.read(run => run(externalSql(schemas), candidateShape, schemas)))
  const [first] = candidates
  if (!first) return nothingReadable(work, absent)
  if (mayBeBilled) return readFirst(candidates, work)
  const detail = 'Only external tables can be read, and reading them is billed.'
  return warning(problem('COMPUTE_NOT_ALLOWED', { detail }), [
    measuredText('External table', `${first.schema}.${first.name}`),
  ])
}

function nothingReadable({ config, username }: Work, missing: readonly string[]): StepReport {
  const { userField } = subjectOf(config)
  const existing = config.schemas.filter(schema => !missing.includes(schema))
  const schemas = config.schemas.length === 0 ? ['public'] : existing
  const title = `Let the account read the tables of ${schemas.join(', ')}`
  return warning(
    problem('NOTHING_READABLE', {
      params: { username },
      fields: config.schemas.length === 0 ? [userField] : ['schemas', userField],
      remedies: schemas.length === 0 ? [] : [{ kind: 'RUN_SQL', title, sql: grantReadSql(schemas, username) }],
    }),
  )
}
