import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
let directory: string
let child: ChildProcess | null = null

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patchbay-main-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

function start(environment: Readonly<Record<string, string>> = {}, nodeOptions: readonly string[] = []) {
  const started = spawn(process.execPath, [...nodeOptions, main], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child = started
  let output = ''
  const heard = (chunk: Buffer) => {
    output += chunk.toString()
  }
  started.stdout.on('data', heard)
  started.stderr.on('data', heard)
  return {
    child: started,
    output: () => output,
    exitCode: once(started, 'close').then(([code]) => code as number | null),
    async says(pattern: RegExp): Promise<RegExpExecArray> {
      for (;;) {
        const match = pattern.exec(output)
        if (match) return match
        if (started.exitCode !== null) throw new Error(`It ended: ${output}`)
        await once(started.stdout, 'data')
      }
    },
  }
}

test('starts without any configuration, says where everything is, and ends on SIGTERM with nothing left', async () => {
  const program = start()
  const [, url] = await program.says(/API +(\S+)[\s\S]*closes that/)
  expect(program.output()).toContain(`made just now: ${directory}/data/master.key`)
  expect(program.output()).toContain('connectors may reach this machine and private networks')
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url ?? '', { method: 'POST', headers, body: '{"query":"{ __typename }"}' })
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } })
  program.child.kill('SIGTERM')
  expect(await program.exitCode).toBe(0)
})

test('a second signal ends it at once, whatever still runs', async () => {
  const program = start()
  const [, port] = await program.says(/127\.0\.0\.1:(\d+)[\s\S]*closes that/)
  // A request whose body never ends: the first signal alone would wait for it.
  const request = connect(Number(port), '127.0.0.1').on('error', () => {})
  try {
    await once(request, 'connect')
    const head = ['POST /graphql HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json', 'Content-Length: 9']
    request.write(`${head.join('\r\n')}\r\nExpect: 100-continue\r\n\r\n`)
    // "100 Continue": the server is reading it.
    await once(request, 'data')
    program.child.kill('SIGTERM')
    await program.says(/Shutting down/)
    program.child.kill('SIGINT')
    expect(await program.exitCode).toBe(1)
  } finally {
    request.destroy()
  }
})

test('reads the file .env of its working directory', async () => {
  await writeFile(join(directory, '.env'), 'LOG_LEVEL=loud\n')
  const program = start()
  expect(await program.exitCode).toBe(1)
  expect(program.output()).toContain('LOG_LEVEL must be')
})

test('tells every mistake of its configuration in words, and ends', async () => {
  const program = start({ PORT: 'http', LOG_LEVEL: 'loud' })
  expect(await program.exitCode).toBe(1)
  expect(program.output()).toMatch(/PORT must be[\s\S]*LOG_LEVEL must be/)
  expect(program.output()).not.toContain('    at ')
})

test('says in words that its data directory cannot be used', async () => {
  await writeFile(join(directory, 'file'), '')
  const program = start({ DATA_DIR: join(directory, 'file') })
  expect(await program.exitCode).toBe(1)
  expect(program.output()).toContain(join(directory, 'file'))
  expect(program.output()).not.toContain('    at ')
})

test('keeps its database out of the reach of drivers, however the URL spells the path', async () => {
  const inSources = new URL('stored-by-a-test.db', pathToFileURL(main))
  const program = start({ DATABASE_URL: inSources.href.replace('/src/', '/s%72c/') })
  try {
    expect(await program.exitCode).toBe(1)
    expect(program.output()).toContain(fileURLToPath(inSources))
  } finally {
    for (const suffix of ['', '-wal', '-shm', '.lock'])
      await rm(`${fileURLToPath(inSources)}${suffix}`, { force: true })
  }
})

test('says which Node it needs when started by an older one', async () => {
  const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.11.0" } })'
  const program = start({}, ['--import', `data:text/javascript,${encodeURIComponent(older)}`])
  expect(await program.exitCode).toBe(1)
  expect(program.output()).toBe(
    'Patchbay needs Node 22.14 or newer; this is 20.11.0. Run it with "npm start", which brings its own.\n',
  )
})

test('says that a port is taken', async () => {
  const first = start()
  const [, port] = await first.says(/127\.0\.0\.1:(\d+)[\s\S]*closes that/)
  const second = start({ PORT: port ?? '', DATA_DIR: join(directory, 'other') })
  expect(await second.exitCode).toBe(1)
  expect(second.output()).toContain('The port is already in use')
  first.child.kill('SIGTERM')
  expect(await first.exitCode).toBe(0)
})
