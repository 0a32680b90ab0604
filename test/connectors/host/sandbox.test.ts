import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createConnectorHost } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import { childEntry, childPids, evidenceOf, madeUpHost, play, testJob } from './made-up-host.ts'

let folder: string
let masterKey: string
let openFile: number
let host: ConnectorHost

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-data-'))
  masterKey = join(folder, 'master.key')
  writeFileSync(masterKey, 'key', { mode: 0o600 })
  openFile = openSync(masterKey, 'r')
  process.env['PATCHBAY_TEST_SECRET'] = 'hunter2'
  host = madeUpHost()
})

afterAll(async () => {
  await host.close()
  closeSync(openFile)
  delete process.env['PATCHBAY_TEST_SECRET']
  rmSync(folder, { recursive: true })
})

test('a child can read its code and open sockets, and nothing else', async () => {
  const ownFile = fileURLToPath(import.meta.url)
  const { messages } = await play(host, testJob('inspectsSandbox', { target: `${masterKey}|${ownFile}` }))
  expect(evidenceOf(messages, 'CONNECT')).toEqual({
    environment: '{}',
    'read of the secret file': 'ERR_ACCESS_DENIED',
    'read of the secret file by a detour': 'ERR_ACCESS_DENIED',
    'read of own code': 'ALLOWED',
    'read of own environment': 'ERR_ACCESS_DENIED',
    "read of the parent's environment": 'ERR_ACCESS_DENIED',
    'write beside own code': 'ERR_ACCESS_DENIED',
    'database file': 'ERR_UNKNOWN_BUILTIN_MODULE',
    'native add-on': 'ERR_DLOPEN_DISABLED',
    process: 'ERR_ACCESS_DENIED',
    'worker thread': 'ERR_ACCESS_DENIED',
    inspector: 'ERR_ACCESS_DENIED',
    eval: 'EvalError',
    Function: 'EvalError',
    socket: 'ALLOWED',
  })
})

test('a child is given no environment and no open file of its parent', async () => {
  await play(host, testJob('passes'))
  const pids = childPids()
  expect(pids.length).toBeGreaterThan(0)
  for (const pid of pids) {
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).toBe('')
    const files = readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`))
    expect(files).not.toContain(masterKey)
    expect(files.filter(file => file.startsWith('/') && !file.startsWith('/dev/'))).toEqual([])
  }
})

test('a bundled child needs to read nothing but its own folder', async () => {
  const outdir = realpathSync(mkdtempSync(join(tmpdir(), 'patchbay-bundle-')))
  const entryPoints = [fileURLToPath(childEntry)]
  await build({
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // A native part of ssh2 that is not installed.
    external: ['cpu-features'],
  })
  const bundled = madeUpHost({ childEntry: pathToFileURL(join(outdir, 'made-up-child.js')), readRoots: [outdir] })
  try {
    const { outcome } = await play(bundled, testJob('passes'))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
  } finally {
    await bundled.close()
    rmSync(outdir, { recursive: true })
  }
})

test("the program's own child starts with the read roots of its sources", async () => {
  const warn = vi.fn()
  const own = createConnectorHost({
    childEntry: new URL('../../../src/connectors/host/child.ts', import.meta.url),
    readRoots: connectorHostReadRoots([new URL('../../../src/', import.meta.url)]),
    queueWaitMs: 15_000,
    logger: { warn },
  })
  try {
    await play(own, { ...testJob('passes'), typeName: 'NO_SUCH_TYPE' })
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ error: 'UnknownConnectorTypeError' }),
      expect.anything(),
    )
  } finally {
    await own.close()
  }
})
