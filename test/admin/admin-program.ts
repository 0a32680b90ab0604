import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Recorder } from '../canary/recorder.ts'
import type { Storage } from '../e2e/storage.ts'

const entry = fileURLToPath(new URL('../../src/admin.ts', import.meta.url))

export interface AdminRun {
  /** Null when a signal has ended it. */
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command as an operator does, beside whatever else uses the storage. */
export async function runAdminProgram(
  storage: Storage,
  recorder: Recorder,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<AdminRun> {
  const child = spawn(process.execPath, [entry, ...words], {
    cwd: storage.directory,
    env: { NODE_ENV: 'test', ...storage.environment, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ])
  recorder.record('log', `${stdout}\n${stderr}\n`)
  return { code, signal, stdout, stderr }
}

/** What it printed with `--json`; throws when that is something else. */
export const jsonOf = ({ stdout, stderr }: AdminRun): Record<string, unknown> => {
  try {
    return JSON.parse(stdout) as Record<string, unknown>
  } catch (cause) {
    throw new Error(`It printed: ${stdout}\n${stderr}`, { cause })
  }
}
