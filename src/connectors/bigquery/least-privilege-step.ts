import { HttpCallError, type HttpCaller } from '../cloud/http-caller.ts'
import { passWithin } from '../cloud/pass-within.ts'
import type { StepReport } from '../connection-test.ts'
import { passed, skipped, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { problem } from '../problem.ts'
import { summarizeRights } from '../reader-account.ts'
import type { Found } from './catalog.ts'
import { endpoints } from './endpoints.ts'
import { askingField, dataProjectOf } from './identity-field.ts'
import { readerRemedies } from './reader-script.ts'
import { type ListedTable, tableName } from './resources.ts'
import { rightsOnProject, rightsOnTable, writingOnProject, writingOnTable } from './rights.ts'
import type { Work } from './work.ts'

/** Rights on one dataset are seen only in what is in it; each table is a question of its own. */
const maxTables = 4
/** More say nothing that these do not. */
const maxShown = 30

/** What was found out on one project or table. */
interface Answer {
  readonly on: string
  readonly held: readonly string[]
  /** Why it could not be asked; null where it could. */
  readonly unknown: string | null
}

/**
 * Which rights to change something the account has, as Google tells it: nothing is ever tried. What could not be asked
 * stays unknown, and is never a pass.
 */
export async function leastPrivilegeStep(work: Work, { tables }: Found): Promise<StepReport> {
  const answers = [...(await onTables(work, oneOfEach(tables))), ...(await onProjects(work))]
  const rights = answers.flatMap(({ on, held }) => held.map(right => `${right} on ${on}`))
  const unknown = answers.flatMap(({ on, unknown: reason }) => (reason === null ? [] : [`${on}: ${reason}`]))
  const evidence = [...lookedAt(answers), ...unknown.map(reason => measuredText('Not known', reason))]
  if (rights.length > 0) return canWrite(work, rights, evidence)
  // Rights on a dataset are told only of what is in it.
  if (tables.length === 0) unknown.push('No table was found of which rights could be asked.')
  if (unknown.length > 0) return skipped(problem('PRIVILEGES_UNKNOWN', { detail: unknown.join('; ') }), evidence)
  return passed(evidence)
}

/** The first table of each dataset: rights on a dataset hold for all that is in it. */
function oneOfEach(tables: readonly ListedTable[]): readonly ListedTable[] {
  const first = new Map<string, ListedTable>()
  for (const table of tables) if (!first.has(table.datasetId)) first.set(table.datasetId, table)
  const others = tables.filter(table => first.get(table.datasetId) !== table)
  return [...first.values(), ...others].slice(0, maxTables)
}

async function onTables({ session, remaining }: Work, tables: readonly ListedTable[]): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (const table of tables) {
    answers.push(await answerOf(tableName(table), () => rightsOnTable(session, table, remaining)))
  }
  return answers
}

/** The one that pays, and the one that has the data. */
async function onProjects(work: Work): Promise<readonly Answer[]> {
  const { session, remaining } = work
  const { config } = session
  const projects = [...new Set([dataProjectOf(config), config.projectId])]
  const way = session.way(endpoints.projects)
  try {
    const remainingMs = () => Math.max(1, Math.round(remaining.until - performance.now()))
    const blocked = await passWithin(way, { signal: remaining.signal, remainingMs })
    if (blocked) return projects.map(on => ({ on, held: [], unknown: blocked.detail ?? blocked.message }))
    const caller: HttpCaller = session.callerOf(way)
    const answers: Answer[] = []
    for (const project of projects) {
      answers.push(await answerOf(project, () => rightsOnProject(session, caller, project, remaining)))
    }
    return answers
  } finally {
    way.close()
  }
}

async function answerOf(on: string, ask: () => Promise<readonly string[]>): Promise<Answer> {
  try {
    return { on, held: await ask(), unknown: null }
  } catch (error) {
    if (!(error instanceof HttpCallError)) throw error
    const { message, detail } = error.problem
    return { on, held: [], unknown: detail ?? message }
  }
}

/** For whoever reads that nothing was found. */
function lookedAt(answers: readonly Answer[]): Evidence[] {
  const asked = answers.filter(({ unknown }) => unknown === null).map(({ on }) => on)
  const most = Math.max(writingOnProject.length, writingOnTable.length)
  return asked.length === 0 ? [] : [measuredText('Asked about', `up to ${most} rights on ${asked.join(', ')}`)]
}

function canWrite({ session }: Work, rights: readonly string[], evidence: readonly Evidence[]): StepReport {
  const { config, tokens } = session
  return warning(
    problem('ACCOUNT_CAN_WRITE', {
      params: { username: tokens.account ?? 'that asks', rights: summarizeRights(rights) },
      fields: [askingField(config)],
      remedies: readerRemedies(config),
    }),
    [...rights.slice(0, maxShown).map(right => measuredText('May', right)), ...evidence],
  )
}
