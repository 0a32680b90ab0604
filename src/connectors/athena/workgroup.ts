import { GetWorkGroupCommand, type WorkGroup } from '@aws-sdk/client-athena'
import { IncompleteAnswerError } from '../aws/problems.ts'
import { AwsCallError } from '../aws/service.ts'
import { bytesText } from '../bytes-text.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { cleanText } from '../problem.ts'
import { meant, outputMissing, workgroupDisabled } from './meanings.ts'
import type { AthenaSession } from './open.ts'
import { isDenied } from './problems.ts'
import { budgetOf, type Remaining } from './running-queries.ts'
import { StatementError } from './statement.ts'

/** Where the results of queries go, and who says so. */
export type ResultsPlace =
  | { readonly kind: 'FORM'; readonly location: string }
  | { readonly kind: 'WORKGROUP'; readonly location: string }
  /** Athena keeps them itself. */
  | { readonly kind: 'MANAGED'; readonly location: null }
  /** Nobody may be asked: Athena will say whether there is a place. */
  | { readonly kind: 'UNKNOWN'; readonly location: null }

/** What is to be known of the workgroup before a query can be run in it. */
export interface OpenWorkgroup {
  readonly results: ResultsPlace
  readonly evidence: readonly Evidence[]
  /** Null for nothing to say. */
  readonly note: string | null
}

/**
 * Asks what the workgroup decides, and lets a role's session do what follows from it. Throws `StatementError` and
 * `AwsCallError`, and the signal's reason when that aborts.
 */
export async function openWorkgroup(session: AthenaSession, remaining: Remaining): Promise<OpenWorkgroup> {
  const found = await askWorkgroup(session, remaining)
  const isHidden = found instanceof AwsCallError
  const workgroup = isHidden ? null : found
  if (workgroup?.State === 'DISABLED') throw new StatementError(meant(workgroupDisabled(session.config)))
  const results = resultsPlace(session, workgroup)
  if (results === null) throw new StatementError(meant(outputMissing(session.queryPlace)))
  // A role's session may write to one place only, which must be known.
  if (isHidden && results.kind === 'UNKNOWN' && session.config.credentials.assumeRole) throw found
  await session.writeTo(results.location, budgetOf(remaining))
  return {
    results,
    evidence: [...workgroupEvidence(workgroup), ...resultsEvidence(results)],
    note: noteOf(session, workgroup, results),
  }
}

/** Who may query need not be one who may look at the workgroup: then it is the refusal that is answered. */
async function askWorkgroup(session: AthenaSession, remaining: Remaining): Promise<WorkGroup | AwsCallError> {
  try {
    return await session.read({ action: 'GetWorkGroup', field: 'workgroup', ...remaining }, async (client, options) => {
      const { WorkGroup: found } = await client.send(
        new GetWorkGroupCommand({ WorkGroup: session.config.workgroup }),
        options,
      )
      if (!found) throw new IncompleteAnswerError('workgroup')
      return found
    })
  } catch (error) {
    if (error instanceof AwsCallError && isDenied(error)) return error
    throw error
  }
}

function resultsPlace({ config }: AthenaSession, workgroup: WorkGroup | null): ResultsPlace | null {
  const settings = workgroup?.Configuration
  const own = placeText(settings?.ResultConfiguration?.OutputLocation)
  const { outputLocation } = config
  if (settings?.ManagedQueryResultsConfiguration?.Enabled === true) return { kind: 'MANAGED', location: null }
  if (own && settings?.EnforceWorkGroupConfiguration === true) return { kind: 'WORKGROUP', location: own }
  if (outputLocation !== undefined) return { kind: 'FORM', location: outputLocation }
  if (own) return { kind: 'WORKGROUP', location: own }
  return workgroup === null ? { kind: 'UNKNOWN', location: null } : null
}

/** It gets into messages. */
const placeText = (location: unknown): string | null =>
  typeof location === 'string' && location !== '' ? cleanText(location, 1_024) : null

function workgroupEvidence(workgroup: WorkGroup | null): Evidence[] {
  if (!workgroup) return []
  const { Name, State, Configuration: settings } = workgroup
  const engine = settings?.EngineVersion?.EffectiveEngineVersion
  const limit = settings?.BytesScannedCutoffPerQuery
  return [
    measuredText('Workgroup', `${String(Name)} (${String(State)})`),
    ...(typeof engine === 'string' ? [measuredText('Engine', engine)] : []),
    ...(typeof limit === 'number' ? [measuredText('A query may read', bytesText(limit))] : []),
  ]
}

const whoSays: Readonly<Record<ResultsPlace['kind'], string>> = {
  FORM: 'as the form says',
  WORKGROUP: 'as the workgroup says',
  MANAGED: 'kept by Athena, as the workgroup says',
  UNKNOWN: 'not known',
}

const resultsEvidence = ({ kind, location }: ResultsPlace): Evidence[] => [
  measuredText('Results', location === null ? whoSays[kind] : `${location} (${whoSays[kind]})`),
]

function noteOf({ config }: AthenaSession, workgroup: WorkGroup | null, { kind }: ResultsPlace): string | null {
  if (workgroup === null) return 'What the workgroup has set may not be looked at (athena:GetWorkGroup).'
  const isIgnored = config.outputLocation !== undefined && kind !== 'FORM'
  return isIgnored ? "The form's output location is not used: the workgroup decides where results go." : null
}
