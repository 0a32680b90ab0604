import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { diesWithParent } from '../../../src/connectors/host/parent-death.ts'
import { fixtures } from '../../contract/fixtures.ts'

/** Packages that talk to data sources, and what only they need: none of them may be loaded by the API process. */
const drivers = [...new Set(Object.values(fixtures).flatMap(fixture => fixture.drivers))]

let parent: ChildProcess | undefined

afterEach(() => {
  parent?.kill('SIGKILL')
})

async function startParent(...args: string[]) {
  const entry = fileURLToPath(new URL('./parent-process.ts', import.meta.url))
  parent = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(parent.stdout as Readable), 'line')) as [string]
  return JSON.parse(line) as { outcome: unknown; types: string[]; loaded: string[]; children: number[] }
}

const driversIn = (loaded: readonly string[]) =>
  drivers.filter(name => loaded.some(url => url.includes(`/node_modules/${name}/`)))

const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))

test('the process that declares the types and runs the host loads no driver', async () => {
  const { types, loaded, outcome } = await startParent()
  expect(outcome).toEqual({ kind: 'COMPLETED' })
  expect(types).toContain('POSTGRES')
  expect(loaded.some(url => url.endsWith('/connectors/host/child-pool.ts'))).toBe(true)
  expect(driversIn(loaded)).toEqual([])
})

test('a driver that it did load would be seen', async () => {
  const { loaded } = await startParent('load-driver')
  expect(driversIn(loaded)).toContain('pg')
})

test('children end with their parent, also when it is killed', async () => {
  const { children } = await startParent()
  expect(children.length).toBeGreaterThan(0)
  parent?.kill('SIGKILL')
  // One of them may still be starting: it looks at its channel when it is done.
  await expect.poll(() => children.filter(isAlive), { timeout: 20_000 }).toEqual([])
})

// Where the platform does not offer it the child runs on: docs/operations.md.
test.runIf(diesWithParent().length > 0)('also a child that spins and looks at nothing', async () => {
  const { children } = await startParent('spin')
  expect(children.length).toBeGreaterThan(0)
  parent?.kill('SIGKILL')
  await expect.poll(() => children.filter(isAlive), { timeout: 20_000 }).toEqual([])
})
