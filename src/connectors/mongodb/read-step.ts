import type { Document } from 'mongodb'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { credentialsOf } from './credentials.ts'
import type { MongodbConfig } from './form.ts'
import type { MongodbOpening } from './open.ts'
import { listCollections, listDatabases } from './readable.ts'
import { readerCommands } from './reader-commands.ts'

/** Some readable collections are broken or empty; more than this many need not be tried to know. */
const maxCandidates = 10

/** Really reads one document. Nothing of its content leaves the server but its `_id`. */
export async function readStep(
  opening: MongodbOpening,
  config: MongodbConfig,
  context: StepContext,
): Promise<StepReport> {
  const { signal } = context
  try {
    const databases = await listDatabases(opening.session, signal)
    return await readFirst(opening, config, databases, context)
  } catch (error) {
    if (signal.aborted) throw error
    return failed(opening.classify(error, 'WORK'))
  }
}

async function readFirst(
  opening: MongodbOpening,
  config: MongodbConfig,
  databases: readonly string[],
  { signal, budgetMs }: StepContext,
): Promise<StepReport> {
  const { session } = opening
  const evidence: Evidence[] = []
  let empty: string | null = null
  let lastProblem: Problem | null = null
  let tried = 0
  // What is about one database or collection alone says nothing of the next one.
  const goOn = (error: unknown, label: string) => {
    if (signal.aborted) throw error
    const known = opening.classify(error, 'WORK')
    if (known.code === 'CONNECTION_RESET' || known.code === 'PROTOCOL_VIOLATION') throw error
    lastProblem = known
    evidence.push(measuredText('Could not be read', `${label}: ${known.detail ?? known.message}`))
  }
  for (const database of databases) {
    if (tried === maxCandidates) break
    const collections = await listCollections(session, database, signal).catch((error: unknown) => {
      goOn(error, database)
      return []
    })
    for (const collection of collections.slice(0, maxCandidates - tried)) {
      tried += 1
      const label = `${database}.${collection}`
      try {
        const answer = await session.run(database, sampleCommand(collection, budgetMs), signal)
        if (holdsDocument(answer)) return passed([...evidence, measuredText('Read one document of', label)])
        empty ??= label
      } catch (error) {
        goOn(error, label)
      }
    }
  }
  if (empty !== null) return passed([...evidence, measuredText('Read, but empty', empty)])
  return lastProblem ? failed(lastProblem, evidence) : nothingReadable(config, opening.authSource)
}

const sampleCommand = (collection: string, budgetMs: number): Document => ({
  find: collection,
  projection: { _id: 1 },
  limit: 1,
  singleBatch: true,
  // The server gives up before the step does.
  maxTimeMS: Math.ceil(budgetMs * 0.8),
})

function holdsDocument(answer: Document): boolean {
  const batch: unknown = (answer['cursor'] as Document | undefined)?.['firstBatch']
  if (!Array.isArray(batch))
    throw new ProtocolFaultError('it answered a question for documents without any list of them')
  const [first] = batch
  if (first !== undefined && (typeof first !== 'object' || first === null)) {
    throw new ProtocolFaultError('it sent something else where a document must be')
  }
  return batch.length > 0
}

function nothingReadable(config: MongodbConfig, source: string): StepReport {
  const { username, userField, kind } = credentialsOf(config)
  return warning(
    problem('NOTHING_READABLE', {
      params: { username },
      fields: [userField],
      remedies:
        kind === 'NONE'
          ? []
          : [
              {
                kind: 'RUN_SQL',
                title: 'Let the account read a database (mongosh)',
                sql: readerCommands.grant({ username, source }),
              },
            ],
    }),
  )
}
