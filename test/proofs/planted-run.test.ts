import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { recordFile } from './record.ts'

const config = fileURLToPath(new URL('./planted/vitest.config.ts', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))

/** A run of the planted suites; with `args`, of some of them. */
async function run(...args: readonly string[]): Promise<{ readonly output: string; readonly code: unknown }> {
  const { UPDATE_PROOFS: _, ...env } = process.env
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { output: stdout + stderr, code }
}

describe('a run whose proofs are not those of the record', () => {
  test('fails when it was whole, although every test of it has passed, and leaves the record', async () => {
    const before = readFileSync(recordFile('unit'), 'utf8')
    const { output, code } = await run()
    expect(output).toMatch(/2 passed/)
    expect(output).toContain('not recorded yet: PLANTED UNCLASSIFIED by DOUBLE')
    expect(output).toContain('no longer proved: POSTGRES CREDENTIALS_REJECTED by REAL_SERVER')
    expect(code).not.toBe(0)
    expect(readFileSync(recordFile('unit'), 'utf8')).toBe(before)
  })

  test.each([[['new-proof']], [['-t', 'a problem is seen']]])('passes when it was not: %j', async args => {
    const { output, code } = await run(...args)
    expect(output).toMatch(/1 passed/)
    expect(output).not.toContain('PLANTED')
    expect(code).toBe(0)
  })
})
