import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { isRecord } from '../form-tree-walk.ts'
import { type Problem, problem } from '../problem.ts'
import { type Found, findTables, isDenied } from './catalog.ts'
import { dryRun } from './dry-run.ts'
import { askingField, dataProjectOf } from './identity-field.ts'
import type { Subject } from './meanings.ts'
import { GoogleCallError } from './problems.ts'
import { type ListedTable, read, tableName, tablePath } from './resources.ts'
import { maxPageBytes } from './result-pages.ts'
import { quotedTable } from './table-sql.ts'
import type { Work } from './work.ts'

/** Some tables are broken, or closed to the account; more than these need not be tried to know. */
const maxCandidates = 4

/** Lists what there is, and reads a row of a table of it. Of a view, which would be computed, only a dry run is made. */
export async function readStep(work: Work, onFound: (found: Found) => void): Promise<StepReport> {
  const { evidence } = work
  let found: Found
  try {
    found = await findTables(work, maxCandidates)
  } catch (error) {
    if (!isDenied(error)) throw error
    return warning(notListable(work, error), evidence)
  }
  onFound(found)
  if (found.tables.length === 0) return nothingReadable(work, found.isWhole ? null : 'Not all datasets were looked at.')
  const candidates = tablesFirst(found.tables).slice(0, maxCandidates)
  const report = await readFirst(work, candidates)
  // Who has no right to any of them, and has been let try them all, can read nothing.
  const isAll = found.isWhole && found.tables.length === candidates.length
  const isAllDenied = ['PERMISSION_DENIED', 'CLOUD_ACCESS_DENIED'].includes(report.problem?.code ?? '')
  return isAll && isAllDenied ? nothingReadable(work, null) : report
}

const isListed = ({ type }: ListedTable): boolean => ['TABLE', 'SNAPSHOT'].includes(type)

const tablesFirst = (tables: readonly ListedTable[]): ListedTable[] =>
  [...tables].sort((a, b) => Number(isListed(b)) - Number(isListed(a)))

async function readFirst(work: Work, candidates: readonly ListedTable[]): Promise<StepReport> {
  const { evidence } = work
  let last: Problem | null = null
  for (const table of candidates) {
    const name = tableName(table)
    try {
      const found = isListed(table) ? await readRow(work, table) : await lookAt(work, table)
      evidence.push(measuredText(isListed(table) ? 'Read' : 'Looked at', `${name}: ${found}`))
      return passed(evidence)
    } catch (error) {
      // What is wrong with this table need not be wrong with the next.
      if (!(error instanceof GoogleCallError) || !ofThisTable.includes(error.problem.code)) throw error
      last = error.problem
      evidence.push(measuredText('Could not be read', `${name}: ${last.detail ?? last.message}`))
    }
  }
  return failed(last ?? problem('UNCLASSIFIED', { detail: 'READ' }), evidence)
}

const ofThisTable: readonly string[] = [
  'PERMISSION_DENIED',
  'CLOUD_ACCESS_DENIED',
  'OBJECT_NOT_FOUND',
  'CLOUD_REQUEST_INVALID',
  'CLOUD_RESOURCE_NOT_FOUND',
  'QUERY_INVALID',
  'RESULT_TOO_LARGE',
]

/** Rows of a table are listed without a query, which is not billed. What is in it is not told. */
async function readRow({ session, remaining }: Work, table: ListedTable): Promise<string> {
  const { rows = [] } = await read(session, {
    path: `${tablePath(table)}/data`,
    query: { maxResults: 1, 'formatOptions.useInt64Timestamp': 'true' },
    subject: subjectOf(table, 'bigquery.tables.getData'),
    maxBytes: maxPageBytes,
    ...remaining,
  })
  if (!Array.isArray(rows)) throw session.violation('its rows are no list')
  const [row] = rows as readonly unknown[]
  if (row === undefined) return 'it is empty'
  const cells = isRecord(row) ? row['f'] : undefined
  if (!Array.isArray(cells)) throw session.violation('it sent a row without values')
  return `${columnsText(cells.length)}, one row read`
}

async function lookAt({ session, remaining }: Work, table: ListedTable): Promise<string> {
  const sql = `SELECT * FROM ${quotedTable(table)} LIMIT 1`
  const subject = { ...subjectOf(table, 'bigquery.tables.getData'), what: 'statement' as const }
  const { columnCount } = await dryRun(session, { sql, subject, ...remaining })
  const columns = columnCount === null ? '' : `${columnsText(columnCount)}, `
  return `${columns}a query of it would run (${table.type.toLowerCase().replaceAll('_', ' ')}, not read)`
}

const columnsText = (count: number): string => `${count} ${count === 1 ? 'column' : 'columns'}`

const subjectOf = (table: ListedTable, action: string): Subject => ({
  what: 'table',
  name: tableName(table),
  fields: [],
  action,
})

function notListable({ session }: Work, { problem: refused }: GoogleCallError): Problem {
  const { config } = session
  const { defaultDataset } = config
  const project = dataProjectOf(config)
  return problem('CATALOG_NOT_LISTABLE', {
    params: {
      name: defaultDataset === undefined ? project : `${project}.${defaultDataset}`,
      action: refused.params['action'] ?? 'bigquery.tables.list',
    },
    detail: refused.detail,
    fields: refused.fields,
  })
}

function nothingReadable({ session, evidence }: Work, detail: string | null): StepReport {
  const { config, tokens } = session
  const scope = [
    config.defaultDataset !== undefined
      ? 'defaultDataset'
      : config.dataProjectId !== undefined
        ? 'dataProjectId'
        : 'projectId',
  ]
  return warning(
    problem('NOTHING_READABLE', {
      params: { username: tokens.account ?? 'that asks' },
      detail,
      fields: [...scope, askingField(config)],
    }),
    evidence,
  )
}
