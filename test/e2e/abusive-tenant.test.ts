import { expect, test } from 'vitest'
import { ServerProcess } from './server-process.ts'
import { createStorage } from './storage.ts'
import { startTenantLoad, type TenantLoad, tenantLimits, typical, type Window } from './tenant-load/tenant-load.ts'

const windowMs = 3_000
const windows = 6
const rounds = 3
const atMost = 2

interface Measured {
  readonly quietMs: number
  readonly abusedMs: number
  /** Beside the abuser, as a multiple of what it is without. */
  readonly ratio: number
}

interface Round {
  /** 99th percentile of everything that the neighbours do: lists, reads and connection tests. */
  readonly all: Measured
  /** Median of their lists and reads; their 99th percentile is measured by `bench/tenants.ts`. */
  readonly reads: Measured
  /** Median of their connection tests, of which there are fewer, and which share the processors with those of the abuser. */
  readonly tests: Measured
  readonly faults: readonly string[]
}

async function runRound(load: TenantLoad): Promise<Round> {
  const met = { quiet: [] as Window[], abused: [] as Window[] }
  // In turn, so that both meet the same disturbances of the machine.
  for (let count = 0; count < windows; count++) {
    for (const mode of ['quiet', 'abused'] as const) met[mode].push(await load.measure(mode, windowMs))
  }
  const compared = (kind: 'all' | 'reads' | 'tests', share: number): Measured => {
    const quietMs = typical(met.quiet, kind, share)
    const abusedMs = typical(met.abused, kind, share)
    return { quietMs, abusedMs, ratio: abusedMs / quietMs }
  }
  const faults = [...met.quiet, ...met.abused].flatMap(window => window.faults)
  return { all: compared('all', 0.99), reads: compared('reads', 0.5), tests: compared('tests', 0.5), faults }
}

const isFair = ({ all, reads, tests }: Round): boolean => [all, reads, tests].every(({ ratio }) => ratio <= atMost)

/** As many tenants have it: SQLite's commits hold up the whole process for as long as the disk takes. */
const kind = 'PostgreSQL' as const

test('a workspace that asks for everything without end is limited, and its neighbours hardly notice', {
  timeout: 300_000,
}, async () => {
  await using storage = await createStorage(kind)
  await using server = await ServerProcess.start(storage, { environment: { ...tenantLimits, LOG_LEVEL: 'warn' } })
  const { DATABASE_URL: databaseUrl } = storage.environment
  const database = { dataDirectory: storage.directory, ...(databaseUrl !== undefined && { databaseUrl }) }
  await using load = await startTenantLoad(server.url, database)

  const measured: Round[] = []
  for (let round = 0; round < rounds && !measured.some(isFair); round++) {
    measured.push(await runRound(load))
  }
  const { answers, withoutRetryAfter, failures } = await load.endAbuse()
  expect(measured.flatMap(({ faults }) => faults)).toEqual([])
  expect(failures).toEqual([])
  const total = Object.values(answers).reduce((sum, count) => sum + count, 0)
  const refused = answers['429 RATE_LIMITED'] ?? 0
  expect(refused).toBeGreaterThan(total / 4)
  expect(withoutRetryAfter).toBe(0)
  expect(Object.keys(answers).filter(key => key.startsWith('5') || key.includes('INTERNAL'))).toEqual([])
  expect(server.output).not.toContain('Unexpected error')
  expect(measured.filter(isFair), JSON.stringify(measured)).not.toEqual([])
})
