import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { childFlags } from '../../../src/connectors/host/child-flags.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import { sourcePaths } from '../../harness.ts'

const entry = new URL('sandboxed-reading.ts', import.meta.url)
const readRoots = connectorHostReadRoots([...sourcePaths.codeFolders, new URL('.', entry)])

interface Measured {
  readonly rows: number
  readonly readMb: number
  readonly grownMb: number
  readonly peakMb: number
}

/** Processes that run drivers are ended at 400 MB. */
const mostMb = 300

test.each([
  ['csv', 200, 500_000],
  ['ndjson', 200, 500_000],
  ['json', 100, 400_000],
  ['gzip', 0, 100_000],
  ['parquet', 180, 50_000_000],
])(
  'a process of drivers reads %s of hundreds of megabytes in the memory of a few',
  { timeout: 180_000 },
  async (scenario, readMb, rows) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...childFlags(readRoots), fileURLToPath(entry), scenario],
      { env: {} },
    )
    const measured = JSON.parse(stdout) as Measured
    expect(measured.rows).toBeGreaterThanOrEqual(rows)
    expect(measured.readMb).toBeGreaterThanOrEqual(readMb)
    expect(measured.grownMb).toBeLessThan(100)
    expect(measured.peakMb).toBeLessThan(mostMb)
  },
)
