import type { StepReport } from '../connection-test.ts'
import { passed, skipped, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import type { Problem } from '../problem.ts'
import { summarizeRights } from '../reader-account.ts'
import { askMetastore, legacyCatalog, type Metastore, type Securable } from './catalog.ts'
import type { Identity } from './identity.ts'
import { identityField, meant } from './meanings.ts'
import { type HeldRight, Privileges } from './privileges.ts'
import type { Found } from './read-step.ts'
import { readerSql } from './remedy-sql.ts'
import { problemOf, type Work } from './work.ts'

/** Each is a question of its own. */
const maxAsked = 12
const maxTables = 3

/** Whether the principal could do more than read, as far as Unity Catalog tells it. */
export async function leastPrivilegeStep(work: Work, found: Found): Promise<StepReport> {
  const { workspace, evidence } = work
  const { identity } = workspace
  if (!identity) return skipped(unknown(work, 'Who signs in was not told, so neither are their rights.'), evidence)
  const asked = [...found.securables, ...found.tables.slice(0, maxTables)].slice(0, maxAsked)
  const administers = identity.groups.includes('admins')
  if (asked.length === 0 && !administers) {
    return skipped(unknown(work, 'Nothing was listed that rights could be looked up on.'), evidence)
  }
  const { held, lookedAt, knowsMetastore, obstacle } = found.isUnity
    ? await lookUp(work, identity, asked, found)
    : { held: [], lookedAt: [], knowsMetastore: false, obstacle: null }
  const rights = unique([...(administers ? [administration] : []), ...held])
  evidence.push(
    ...rights.map(({ words }) => measuredText('Right', words)),
    ...(lookedAt.length > 0 ? [measuredText('Rights looked up on', lookedAt.join(', '))] : []),
  )
  if (rights.length > 0) return warning(canWrite(work, identity, rights, found), evidence)
  if (!found.isUnity) {
    return skipped(unknown(work, `Unity Catalog does not know the rights on ${legacyCatalog}.`), evidence)
  }
  if (obstacle) return skipped(unknown(work, obstacle.detail ?? obstacle.message), evidence)
  const left = [knowsMetastore ? null : 'What is granted on the metastore may not be looked up.', sampled(found, asked)]
  return passed(evidence, left.filter(words => words !== null).join(' ') || null)
}

/** What was granted on a single table shows only there. */
function sampled({ tables, isWhole }: Found, asked: readonly Securable[]): string | null {
  const count = tables.filter(table => asked.includes(table)).length
  if (isWhole && count === tables.length) return null
  const all = isWhole ? tables.length : `more than ${tables.length}`
  return `What is granted on single tables was looked up on ${count} of ${all}.`
}

interface LookedUp {
  readonly held: readonly HeldRight[]
  readonly lookedAt: readonly string[]
  /** What a metastore has to say about itself is more than most may ask. */
  readonly knowsMetastore: boolean
  /** Why not everything could be looked up; null when it could. */
  readonly obstacle: Problem | null
}

async function lookUp(
  work: Work,
  identity: Identity,
  asked: readonly Securable[],
  { securables, tables }: Found,
): Promise<LookedUp> {
  const privileges = new Privileges(work, identity)
  const metastore = await metastoreOf(work)
  const held = [...(metastore ? [metastore] : []), ...securables, ...tables].flatMap(each => privileges.ownership(each))
  const lookedAt: string[] = []
  let knowsMetastore = false
  let obstacle: Problem | null = null
  if (metastore) {
    work.evidence.push(measuredText('Metastore', metastore.where))
    const answer = await askRights(work, privileges, metastore)
    knowsMetastore = !('code' in answer)
    if (!('code' in answer)) {
      lookedAt.push('the metastore')
      held.push(...answer)
    } else if (answer.code !== 'CLOUD_ACCESS_DENIED') obstacle = answer
  }
  for (const securable of asked) {
    const answer = await askRights(work, privileges, securable)
    if ('code' in answer) {
      obstacle = answer
      // Others may be told; nobody is asked again who does not answer.
      if (answer.code !== 'CLOUD_ACCESS_DENIED') break
    } else {
      lookedAt.push(securable.parts.join('.'))
      held.push(...answer)
    }
  }
  return { held, lookedAt, knowsMetastore, obstacle }
}

/** Null where it may not be seen. */
async function metastoreOf(work: Work): Promise<Metastore | null> {
  try {
    return await askMetastore(work.workspace, work)
  } catch (error) {
    work.signal.throwIfAborted()
    if (!problemOf(error)) throw error
    return null
  }
}

/** What is known of why they could not be looked up, in the place of the rights. */
async function askRights(
  work: Work,
  privileges: Privileges,
  securable: Securable,
): Promise<readonly HeldRight[] | Problem> {
  try {
    return await privileges.on(securable)
  } catch (error) {
    work.signal.throwIfAborted()
    const known = problemOf(error)
    if (!known) throw error
    return known
  }
}

function canWrite({ workspace }: Work, { name }: Identity, rights: readonly HeldRight[], found: Found): Problem {
  const sql = readerSql(name, rights, found)
  return meant(workspace, {
    code: 'ACCOUNT_CAN_WRITE',
    params: { username: name, rights: summarizeRights(rights.map(({ words }) => words)) },
    fields: [identityField(workspace.config)],
    remedies: sql === null ? [] : [{ kind: 'RUN_SQL', title: 'Leave only the rights to read', sql }],
  })
}

const administration: HeldRight = {
  words: 'administers the workspace (group admins)',
  privilege: 'ADMIN',
  on: null,
  through: 'admins',
}

const unknown = ({ workspace }: Work, words: string): Problem => meant(workspace, { code: 'PRIVILEGES_UNKNOWN' }, words)

/** What is inherited shows on everything below. */
const unique = (rights: readonly HeldRight[]): HeldRight[] => [
  ...new Map(rights.map(right => [right.words, right])).values(),
]
