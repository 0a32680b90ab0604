import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

// Only there can a process's children be read from a file.
test.runIf(process.platform === 'linux')(
  'a process for the first connection test is there before the test',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-prewarm-'))
    const server = spawn(process.execPath, [main], {
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '', PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(server.stdout, 'data')
      const children = () => readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
      await vi.waitFor(async () => expect((await children()).trim()).toMatch(/^\d+$/), { timeout: 10_000 })
    } finally {
      server.kill('SIGKILL')
      await once(server, 'close')
      await rm(directory, { recursive: true, force: true })
    }
  },
)
