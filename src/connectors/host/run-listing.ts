import { setTimeout as delay } from 'node:timers/promises'
import { type Listing, type ListingRequest, notListed } from '../browse.ts'
import type { ConnectorType } from '../define.ts'
import type { Form, FormValue } from '../form.ts'
import { formTree } from '../form-tree.ts'
import { walkNodes } from '../form-tree-walk.ts'
import { problem } from '../problem.ts'
import { describeError } from './describe-error.ts'
import { GuardWatch } from './guard-record.ts'
import type { ListingJob } from './protocol.ts'

/** How long a type may take to tidy up once its signal has aborted. */
const endBudgetMs = 1_500

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
      : optionsOf(type, module, config, request, context)
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

/** A type is asked only for what its form says that it can list. */
async function optionsOf(
  { form }: ConnectorType,
  { listOptions }: Module,
  config: FormValue<Form>,
  { field, page }: Extract<ListingRequest, { kind: 'OPTIONS' }>,
  context: Parameters<Module['listCatalog']>[3],
): Promise<Listing> {
  const node = [...walkNodes(formTree(form).root)].find(({ path }) => path === field)
  if (!node?.liveOptions || !listOptions) {
    const params = { reason: 'values of this field are not chosen from a list' }
    return notListed(problem('LISTING_UNSUPPORTED', { params, fields: node ? [field] : [] }))
  }
  return listOptions(config, field, page, context)
}
