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
const mostMb = 250

// Buffers of Parquet's pages wait for the collector of garbage.
test.each([
  ['csv', { readMb: 80, rows: 300_000, mostGrownMb: 50 }],
  ['ndjson', { readMb: 80, rows: 300_000, mostGrownMb: 50 }],
  ['json', { readMb: 60, rows: 250_000, mostGrownMb: 50 }],
  ['gzip', { readMb: 0, rows: 60_000, mostGrownMb: 50 }],
  ['parquet', { readMb: 60, rows: 16_000_000, mostGrownMb: 120 }],
])(
  'a process of drivers reads %s in less memory than the file takes when it is whole',
  { timeout: 60_000 },
  async (scenario, { readMb, rows, mostGrownMb }) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...childFlags(readRoots), fileURLToPath(entry), scenario],
      { env: {} },
    )
    const measured = JSON.parse(stdout) as Measured
    expect(measured.rows).toBeGreaterThanOrEqual(rows)
    expect(measured.readMb).toBeGreaterThanOrEqual(readMb)
    expect(measured.grownMb).toBeLessThan(mostGrownMb)
    expect(measured.peakMb).toBeLessThan(mostMb)
  },
)
