import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test.each([
  ['the network guard', 'connect', 'a connection to an IPv4 address was not stopped (ERR_IP_BLOCKED)'],
  ["Node's permission model", 'permission', 'a process was not stopped (no error)'],
])('the program refuses to go on where %s does not hold', async (_what, gap, expected) => {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-unfit-'))
  const program = spawn(process.execPath, [join(import.meta.dirname, 'unfit-main.ts'), gap], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  program.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  try {
    const [code] = (await once(program, 'close')) as [number | null]
    const logged = output.split('\n').filter(line => line.startsWith('{'))
    expect(logged.map(line => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        level: 'fatal',
        reason: expected,
        msg: 'The sandbox of the connector host does not hold on this machine; Patchbay ends',
      }),
    ])
    expect(code).toBe(1)
  } finally {
    program.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  }
})
