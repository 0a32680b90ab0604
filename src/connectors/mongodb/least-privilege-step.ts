import type { Socket } from 'node:net'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, skipped, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { problem, type Remedy } from '../problem.ts'
import { summarizeRights } from '../reader-account.ts'
import { credentialsOf } from './credentials.ts'
import type { MongodbConfig } from './form.ts'
import type { MongodbOpening } from './open.ts'
import {
  describeRight,
  isSignedIn,
  type Privilege,
  readableScope,
  readPrivileges,
  writingRights,
} from './privileges.ts'
import { listDatabases } from './readable.ts'
import { readerCommands } from './reader-commands.ts'
import { askCommand } from './wire.ts'

/** As much as anybody reads; a report takes 200. */
const maxRightsShown = 150

/** As much as a report takes. */
const maxCommandsLength = 50_000

/** Whether the account could do more than read, by the server's own account of its privileges. */
export async function leastPrivilegeStep(
  opening: MongodbOpening,
  config: MongodbConfig,
  context: StepContext,
): Promise<StepReport> {
  const { signal } = context
  try {
    // Rights that nobody checks keep nobody from anything.
    if (await answersStrangers(opening, signal)) return noAccessControl(config)
    const status = await opening.session.run('admin', { connectionStatus: 1, showPrivileges: true }, signal)
    const privileges = readPrivileges(status)
    if (privileges === null || !isSignedIn(status)) {
      return skipped(problem('PRIVILEGES_UNKNOWN', { detail: 'The server does not say what the account may do.' }))
    }
    return await judged(privileges, opening, config, signal)
  } catch (error) {
    if (signal.aborted) throw error
    const known = opening.classify(error, 'WORK')
    if (known.code === 'CONNECTION_RESET' || known.code === 'PROTOCOL_VIOLATION') return failed(known)
    return skipped(problem('PRIVILEGES_UNKNOWN', { detail: known.detail ?? known.message }))
  }
}

/** For a stranger's question: whoever does not answer strangers in time must not keep the account from being judged. */
const strangerMs = 2_000

/** Whether somebody without a sign-in is told what databases there are: only servers without access control do. */
async function answersStrangers({ server }: MongodbOpening, signal: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(strangerMs)])
  let socket: Socket | null = null
  try {
    socket = await server.dialAgain(patience)
    const reply = await askCommand(socket, { listDatabases: 1, nameOnly: true }, patience)
    return reply.kind === 'DOCUMENT' && Number(reply.document['ok']) === 1
  } catch {
    signal.throwIfAborted()
    return false
  } finally {
    socket?.destroy()
  }
}

function noAccessControl(config: MongodbConfig): StepReport {
  const { username, userField } = credentialsOf(config)
  const rights = 'the server has no access control, so everybody who reaches it may do everything'
  return warning(problem('ACCOUNT_CAN_WRITE', { params: { username, rights }, fields: [userField] }), [
    measuredText('May write', rights),
  ])
}

async function judged(
  privileges: readonly Privilege[],
  opening: MongodbOpening,
  config: MongodbConfig,
  signal: AbortSignal,
): Promise<StepReport> {
  const rights = writingRights(privileges)
  const words = rights.map(describeRight)
  const evidence: Evidence[] = words.slice(0, maxRightsShown).map(right => measuredText('May write', right))
  if (rights.length === 0) return passed([...evidence, ...scopeEvidence(privileges)])
  const { username, userField } = credentialsOf(config)
  const known = await remediesFor(privileges, opening, config, signal)
  return warning(
    problem('ACCOUNT_CAN_WRITE', {
      params: { username, rights: summarizeRights(words) },
      fields: [userField],
      remedies: known,
    }),
    evidence,
  )
}

function scopeEvidence(privileges: readonly Privilege[]): Evidence[] {
  const { databases, collections } = readableScope(privileges)
  const names = [
    ...databases.map(db => (db === '' ? 'every database' : `the database "${db}"`)),
    ...collections.map(({ db, collection }) => `"${db}.${collection}"`),
  ]
  return names.length === 0 ? [] : [measuredText('May read', names.slice(0, 20).join(', '))]
}

/** Nothing more than the account reads itself; of one that reads everything, the databases that there are now. */
async function remediesFor(
  privileges: readonly Privilege[],
  opening: MongodbOpening,
  config: MongodbConfig,
  signal: AbortSignal,
): Promise<Remedy[]> {
  const scope = readableScope(privileges)
  const databases = scope.databases.includes('')
    ? (await listDatabases(opening.session, signal)).filter(name => !systemDatabases.has(name))
    : scope.databases.filter(name => !systemDatabases.has(name))
  const { kind, username, secretField } = credentialsOf(config)
  const name = kind === 'X509' ? 'CN=patchbay-reader' : readerCommands.nameFor(username)
  const sql = readerCommands.create({ username: name, source: opening.authSource, scope: { ...scope, databases } })
  return [
    ...(sql.length > maxCommandsLength
      ? []
      : [{ kind: 'RUN_SQL', title: 'Create an account that can only read (mongosh)', sql } as const]),
    ...(kind === 'SCRAM'
      ? [
          {
            kind: 'SET_FIELD',
            title: `Use the new account "${name}"`,
            field: 'auth.scram.username',
            value: name,
          } as const,
        ]
      : []),
    ...(secretField === null
      ? []
      : [{ kind: 'REENTER_SECRET', title: "Type the new account's password", field: secretField } as const]),
  ]
}

const systemDatabases: ReadonlySet<string> = new Set(['admin', 'config', 'local'])
