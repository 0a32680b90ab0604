import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scan } from './scan.ts'
import { canarySecret, searchFor } from './secrets.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'patchbay-scan-'))
  mkdirSync(join(directory, 'answers'))
  mkdirSync(join(directory, 'sent'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const put = (content: string | Uint8Array, source = 'answers') => writeFileSync(join(directory, source, 'one'), content)

/** Ways of writing a text down, each made by what programs use for it. */
const writings: Readonly<Record<string, (text: string) => string>> = {
  raw: text => text,
  JSON: text => JSON.stringify({ text }),
  'JSON in JSON': text => JSON.stringify({ body: JSON.stringify({ text }) }),
  URL: text => encodeURIComponent(text),
  form: text => new URLSearchParams({ text }).toString(),
  Base64: text => Buffer.from(text).toString('base64'),
  'Base64 for URLs': text => Buffer.from(text).toString('base64url'),
  hexadecimal: text => Buffer.from(text).toString('hex'),
}

describe('the search for leaked secrets', () => {
  test.each(Object.keys(writings))('finds one written as %s, whatever stands around it', async name => {
    const write = writings[name] ?? String
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), async (before, after) => {
        put(`${before}${write(`${before}${canarySecret()}${after}`)}${after}`)
        const { leaks } = await scan(directory)
        expect(leaks).not.toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test('finds a listed secret that has no marker, and names it without telling it', async () => {
    const key = '-----BEGIN KEY-----\nAbC+/=\n-----END KEY-----'
    searchFor(directory, 'the client key', key)
    put(JSON.stringify({ key }))
    const { leaks } = await scan(directory)
    expect(leaks).toContainEqual({ file: 'answers/one', secret: 'the client key', byteOffset: 8 })
    expect(JSON.stringify(leaks)).not.toContain('AbC')
  })

  test('counts what was sent as used, not as leaked', async () => {
    put(canarySecret(), 'sent')
    put('an innocent canary')
    expect(await scan(directory)).toEqual({ files: 1, bytes: 18, leaks: [], filesSentWithSecrets: 1 })
  })

  test('finds nothing in what does not hold it', async () => {
    put(deflateSync(canarySecret()))
    expect((await scan(directory)).leaks).toEqual([])
  })
})

test('a leak fails the whole run, although every test of it has passed', async () => {
  const config = fileURLToPath(new URL('./planted/vitest.config.ts', import.meta.url))
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
  const run = spawn(process.execPath, [vitest, 'run', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'exit')])
  expect(stdout).toMatch(/1 passed/)
  const kept = /Secrets have leaked .*kept in (\S+)\):\s+a secret with the marker in answers\//.exec(
    stdout + stderr,
  )?.[1]
  if (kept === undefined) throw new Error(`Nothing was found:\n${stdout}${stderr}`)
  rmSync(kept, { recursive: true })
  expect(code).not.toBe(0)
})
