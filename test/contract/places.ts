import { afterAll, beforeAll, expect, vi } from 'vitest'
import type { Listing, ListingRequest } from '../../src/connectors/browse.ts'
import type { ConnectorType, QueryOutcome } from '../../src/connectors/define.ts'
import type { ConnectorHost } from '../../src/connectors/host/connector-host.ts'
import { type ListingOptions, runTypeListing } from '../servers/listing-run.ts'
import {
  driverPids,
  type HostedReports,
  hostTypeListing,
  hostTypeQuery,
  hostTypeTest,
  openSockets,
  realHost,
} from '../servers/type-host.ts'
import { type QueryOptions, type RunOptions, runTypeQuery, runTypeTest } from '../servers/type-run.ts'
import { registered } from './fixtures.ts'
import type { TypeFixture } from './type-fixture.ts'

/** How long what has ended may take to be gone. */
const patience = { timeout: 5_000, interval: 10 }

export type Left = () => Promise<Readonly<Record<string, number>>>

/** Where a type's code can be run. */
export interface Place {
  readonly where: string
  test(type: ConnectorType, input: unknown, options: RunOptions): Promise<HostedReports>
  query(type: ConnectorType, input: unknown, query: unknown, options: QueryOptions): Promise<QueryOutcome>
  list(type: ConnectorType, input: unknown, request: ListingRequest, options: ListingOptions): Promise<Listing>
  /**
   * Runs something, and asserts that nothing of it is left when it has ended: no connection or statement on the side of
   * the server, and no socket that was not there before in the process that ran it; nor the process, for a type whose runs
   * have one of their own each.
   */
  leavesNothing<T>(type: ConnectorType, left: Left, run: () => Promise<T>): Promise<T>
}

async function untilNothingIsLeft(left: Left): Promise<void> {
  await vi.waitFor(async () => {
    const counts = await left()
    expect(counts).toEqual(Object.fromEntries(Object.keys(counts).map(what => [what, 0])))
  }, patience)
}

let host: ConnectorHost | undefined

/** The program's own host. */
export function contractHost(): ConnectorHost {
  if (!host) throw new Error('The suite has no host: call usePlaces().')
  return host
}

/** In the program's own child, sandboxed and guarded, which must be good for the next run after each. */
export const child: Place = {
  where: 'in a child of the connector host',
  async test(type, input, options) {
    const { outcome, reports } = await hostTypeTest(contractHost(), type, input, options)
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    return reports
  },
  query: (type, input, query, options) => hostTypeQuery(contractHost(), type, input, query, options),
  list: (type, input, request, options) => hostTypeListing(contractHost(), type, input, request, options),
  async leavesNothing(type, left, run) {
    // The last case may have failed, and cost the child.
    if (driverPids().length === 0) for (const { fixture } of registered.slice(0, 1)) await use(contractHost(), fixture)
    const [before = 0, ...others] = driverPids()
    expect(others).toEqual([])
    const sockets = openSockets(before)
    const result = await run()
    await untilNothingIsLeft(left)
    if (type.needsOwnProcess) {
      // A fresh one may have been started in its place.
      await vi.waitFor(() => expect(driverPids()).not.toContain(before), patience)
      return result
    }
    expect(driverPids()).toEqual([before])
    await vi.waitFor(() => expect(openSockets(before)).toBeLessThanOrEqual(sockets), patience)
    return result
  },
}

/** A child closes what a type forgets to close: only where nobody does can it be seen that a type does so itself. */
export const here: Place = {
  where: 'in a process that does not tidy up after it',
  // The ids are the keys of the reports, whatever their type says.
  test: async (type, input, options) => (await runTypeTest(type, input, options)) as HostedReports,
  query: runTypeQuery,
  list: runTypeListing,
  async leavesNothing(_type, left, run) {
    const sockets = openSockets('self')
    const result = await run()
    await untilNothingIsLeft(left)
    await vi.waitFor(() => expect(openSockets('self')).toBeLessThanOrEqual(sockets), patience)
    return result
  },
}

export const places: readonly Place[] = [child, here]

/** For a suite that runs types: starts the host, in which every driver has been used before the first case. */
export function usePlaces(): void {
  beforeAll(async () => {
    // No child is replaced but for what a job has left: in the end it has loaded every driver there is.
    host = realHost({ recycleAfterJobs: 10_000, maxChildRssMb: 2_000, idleMs: 600_000 })
    // Whether they pass is for `passing.test.ts` to say.
    for (const { fixture } of registered) await use(host, fixture).catch(() => {})
  })
  afterAll(async () => {
    await host?.close()
    await vi.waitFor(() => expect(driverPids()).toEqual([]), patience)
  })
}

async function use(pool: ConnectorHost, fixture: TypeFixture): Promise<void> {
  await using server = await fixture.start()
  await hostTypeTest(pool, fixture.type, server.input, server.surroundings)
}
