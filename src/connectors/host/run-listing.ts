import { setTimeout as delay } from 'node:timers/promises'
import { type Listing, type ListingRequest, notListed } from '../browse.ts'
import type { ConnectorType } from '../define.ts'
import type { Form, FormValue } from '../form.ts'
import { problem } from '../problem.ts'
import { describeError } from './describe-error.ts'
import { GuardWatch } from './guard-record.ts'
import type { ListingJob } from './protocol.ts'

/** How long a type may take to tidy up once its signal has aborted. */
const endBudgetMs = 500

export interface ListingRun {
  readonly listing: Listing
  /** Whether something of it may still be going on. */
  readonly leftovers: boolean
}

/**
 * Lists in this process, within the job's time. A thrown error is the data source's failure until a type says otherwise: it
 * becomes UNCLASSIFIED. Rejects only when the type's module does not load.
 */
export async function runListing(type: ConnectorType, job: ListingJob, signal: AbortSignal): Promise<ListingRun> {
  const module = await type.loadBrowse?.()
  if (!module) throw new Error('A listing was asked of a type that cannot list.')
  const guard = new GuardWatch()
  const late = AbortSignal.timeout(job.budgetMs)
  const stop = AbortSignal.any([signal, late])
  const config = job.config as FormValue<Form>
  const context = { signal: stop, budgetMs: job.budgetMs, environment: job.environment }
  const { request } = job
  const ask = (): Promise<Listing> =>
    request.kind === 'CATALOG'
      ? module.listCatalog(config, request.path, request.page, context)
      : optionsOf(module, config, request, context)
  const run = async (): Promise<Listing> => {
    try {
      const listing = await ask()
      if (listing.problem === null || !stop.aborted) return explained(listing)
    } catch (error) {
      if (!stop.aborted) return explained(notListed(problem('UNCLASSIFIED', { detail: describeError(error) })))
    }
    return timedOut()
  }
  const explained = (listing: Listing): Listing =>
    listing.problem === null ? listing : { ...listing, problem: guard.explain(listing.problem) ?? listing.problem }
  const timedOut = () => notListed(problem('LISTING_TIMED_OUT', { params: { seconds: job.budgetMs / 1_000 } }))
  const settled = new AbortController()
  const abandoned = new Promise<void>(resolve => stop.addEventListener('abort', () => resolve(), { once: true }))
    .then(() => delay(endBudgetMs, null, { signal: settled.signal }))
    .catch(() => null)
  const listing = await Promise.race([run(), abandoned])
  settled.abort()
  return listing === null ? { listing: timedOut(), leftovers: true } : { listing, leftovers: false }
}

type Module = Awaited<ReturnType<NonNullable<ConnectorType['loadBrowse']>>>

function optionsOf(
  { listOptions }: Module,
  config: FormValue<Form>,
  { field, page }: Extract<ListingRequest, { kind: 'OPTIONS' }>,
  context: Parameters<Module['listCatalog']>[3],
): Promise<Listing> {
  if (!listOptions) throw new Error('Options were asked of a type that has none.')
  return listOptions(config, field, page, context)
}
