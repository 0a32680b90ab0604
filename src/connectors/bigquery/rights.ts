import type { HttpCallError, HttpCaller } from '../cloud/http-caller.ts'
import { patiently } from '../cloud/patiently.ts'
import { budgetOf, type Remaining } from '../cloud/remaining.ts'
import { isRecord } from '../form-tree-walk.ts'
import { endpoints } from './endpoints.ts'
import { readRefusal } from './google-refusal.ts'
import type { Subject } from './meanings.ts'
import type { BigquerySession } from './open.ts'
import { classifyRefusal, GoogleCallError } from './problems.ts'
import { projectPath, type TableReference, tableName, tablePath } from './resources.ts'
import { scopeOf } from './scopes.ts'

/** What an account that can only read may not do with a table. */
export const writingOnTable = [
  'bigquery.tables.updateData',
  'bigquery.tables.update',
  'bigquery.tables.delete',
  'bigquery.tables.setIamPolicy',
] as const

/** The same of a project, whose rights hold for all that is in it. */
export const writingOnProject = [
  ...writingOnTable,
  'bigquery.tables.create',
  'bigquery.datasets.create',
  'bigquery.datasets.update',
  'bigquery.datasets.delete',
  'bigquery.datasets.setIamPolicy',
  'bigquery.routines.create',
  'bigquery.routines.update',
  'bigquery.models.create',
  'bigquery.models.delete',
  'bigquery.rowAccessPolicies.create',
  'bigquery.jobs.update',
  'bigquery.reservations.create',
  'bigquery.connections.create',
  'resourcemanager.projects.setIamPolicy',
] as const

/** Which of these the account has on a project. Throws `HttpCallError`, and the signal's reason when that aborts. */
export async function rightsOnProject(
  session: BigquerySession,
  caller: HttpCaller,
  project: string,
  remaining: Remaining,
): Promise<readonly string[]> {
  let asked: readonly string[] = writingOnProject
  for (;;) {
    try {
      return await askProject(session, caller, { project, asked, ...remaining })
    } catch (error) {
      // What Google has no such right for, nobody has.
      const unknown = error instanceof GoogleCallError ? notARight.exec(error.refusal.message)?.[1] : undefined
      const known = asked.filter(permission => permission !== unknown)
      if (known.length === asked.length || known.length === 0) throw error
      asked = known
    }
  }
}

const notARight = /^Permission (\S+) is not valid/

interface ProjectQuestion extends Remaining {
  readonly project: string
  readonly asked: readonly string[]
}

function askProject(
  session: BigquerySession,
  caller: HttpCaller,
  { project, asked, ...remaining }: ProjectQuestion,
): Promise<readonly string[]> {
  const subject: Subject = { what: 'project', name: project, fields: [], action: 'resourcemanager.projects.get' }
  return patiently({ ...remaining, tries: 2 }, async () => {
    const { text } = await session.tokens.get('PROJECTS', budgetOf(remaining))
    const answer = await caller.ask({
      method: 'POST',
      path: `/v3${projectPath(project)}:testIamPermissions`,
      headers: { authorization: `Bearer ${text}` },
      json: { permissions: asked },
      ...budgetOf(remaining),
    })
    if (answer.status !== 200) {
      const refusal = readRefusal(answer)
      const place = { config: session.config, service: endpoints.projects, subject, scope: scopeOf.PROJECTS }
      throw new GoogleCallError(classifyRefusal(refusal, place), refusal)
    }
    return heldOf(answer.json, asked, caller)
  })
}

/** The same on a table. Of one that is not there none are held. */
export async function rightsOnTable(
  session: BigquerySession,
  table: TableReference,
  remaining: Remaining,
): Promise<readonly string[]> {
  const subject: Subject = { what: 'table', name: tableName(table), fields: [], action: 'bigquery.tables.get' }
  return patiently({ ...remaining, tries: 2 }, async () => {
    const answer = await session.ask({
      method: 'POST',
      path: `${tablePath(table)}:testIamPermissions`,
      json: { permissions: writingOnTable },
      use: 'READ',
      subject,
      ...budgetOf(remaining),
    })
    return heldOf(answer, writingOnTable, session)
  })
}

/** Left out, none of them are held. */
function heldOf(
  answer: unknown,
  asked: readonly string[],
  service: { violation(fault: string): HttpCallError },
): readonly string[] {
  const held = isRecord(answer) ? (answer['permissions'] ?? []) : null
  if (!Array.isArray(held)) throw service.violation('it does not tell which rights there are')
  return asked.filter(permission => held.includes(permission))
}
