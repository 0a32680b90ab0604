import { benchArrivals, benchRoundTrip, benchStart } from './host-jobs.ts'
import { benchRows } from './host-rows.ts'
import type { Result } from './result.ts'

/** What driver code in processes of its own costs: starting one, a job's way there and back, rows. */
export async function benchHost(): Promise<readonly Result[]> {
  return [...(await benchStart()), ...(await benchRoundTrip()), ...(await benchArrivals()), ...(await benchRows())]
}
