import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whether the system's package `name` is here now, or in words why it is not. */
export type Installation = { readonly installed: true } | { readonly installed: false; readonly reason: string }

const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
const minutes = 60_000
let listsAreFresh = false

/**
 * Installs a system package unless its program is already at `program`. Needs root and apt; answers in words when that
 * is not to be had, so that a suite can be skipped for a reason that its reader sees.
 */
export async function install(name: string, program: string): Promise<Installation> {
  if (await exists(program)) return { installed: true }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return { installed: false, reason: `${program} is not installed, and only root on Debian can install it here.` }
  }
  try {
    if (!listsAreFresh) await run('apt-get', ['update'], { env: environment, timeout: 2 * minutes })
    listsAreFresh = true
    // Waits for another installation instead of failing beside it.
    const options = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Options::=--force-confold']
    await run('apt-get', ['install', '--yes', '--no-install-recommends', ...options, name], {
      env: environment,
      timeout: 8 * minutes,
      maxBuffer: 64 * 1024 * 1024,
    })
  } catch (error) {
    return { installed: false, reason: `The package ${name} could not be installed: ${lastLine(error)}` }
  }
  return (await exists(program))
    ? { installed: true }
    : { installed: false, reason: `The package ${name} did not bring ${program}.` }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

function lastLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return text.trim().split('\n').at(-1) ?? 'no reason given'
}
