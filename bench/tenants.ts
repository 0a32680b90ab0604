import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTenantLoad, tenantLimits, typical, type Window } from '../test/e2e/tenant-load/tenant-load.ts'
import type { Result } from './result.ts'
import { ServerProcess } from './server-process.ts'

const rounds = 8
const windowMs = 3_000

/**
 * What the workspaces of a server notice of another one that asks for everything without end: dear operations, tests,
 * streams, documents and bodies that are refused. The limits are lower than in production, so that they are met soon.
 */
export async function benchTenants(): Promise<readonly Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-bench-'))
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
  const environment = { ...tenantLimits, AUTH: 'tokens, none', DATA_DIR: directory, LOG_LEVEL: 'error' }
  const server = await ServerProcess.start([main], environment)
  try {
    await using load = await startTenantLoad(server.url, { dataDirectory: directory })
    const quiet: Window[] = []
    const abused: Window[] = []
    for (let round = 0; round < rounds; round++) {
      quiet.push(await load.measure('quiet', windowMs))
      abused.push(await load.measure('abused', windowMs))
    }
    const { answers } = await load.endAbuse()
    const faults = [...quiet, ...abused].flatMap(window => window.faults)
    if (faults.length > 0) throw new Error(`${faults.length} requests of the others failed: ${faults[0]}`)
    const refused = answers['429 RATE_LIMITED'] ?? 0
    const total = Object.values(answers).reduce((sum, count) => sum + count, 0)
    const line = (what: string, kind: 'all' | 'reads' | 'tests', share: number, atMost: number): Result => {
      const beside = typical(abused, kind, share)
      const alone = typical(quiet, kind, share)
      return {
        what: `${what} beside a workspace that asks for everything without end`,
        measured: `${beside.toFixed(1)} ms`,
        baseline: `nobody else ${alone.toFixed(1)} ms; of ${total} requests of the other ${refused} were refused`,
        reached: beside / alone,
        target: { atMost },
      }
    }
    return [
      line('lists, reads and connection tests, p99,', 'all', 0.99, 2),
      line('lists and reads, median,', 'reads', 0.5, 2),
      line('lists and reads, p99,', 'reads', 0.99, 2),
      line('connection tests, median,', 'tests', 0.5, 2),
    ]
  } finally {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
