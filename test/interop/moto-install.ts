import { execFile } from 'node:child_process'
import { access, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './install.ts'

const run = promisify(execFile)

const version = '5.1.18'
const home = join(tmpdir(), `patchbay-test-moto-${version}`)
export const motoPython = join(home, 'bin', 'python3')

/** Gets moto, an implementation of AWS, from PyPI, once for all suites of this machine. Answers in words when it cannot be had. */
export async function installMoto(): Promise<Installation> {
  if (await exists(motoPython)) return { installed: true }
  const staging = await mkdtemp(`${home}-`)
  try {
    const options = { timeout: 540_000, maxBuffer: 64 * 1_024 * 1_024 }
    await run('python3', ['-m', 'venv', staging], options)
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `moto[server]==${version}`]
    await run(join(staging, 'bin', 'python3'), pip, options)
    // Filled aside and renamed, so that suites starting at once never see half of it.
    await rename(staging, home).catch(() => {})
    return (await exists(motoPython))
      ? { installed: true }
      : { installed: false, reason: `moto could not be put into ${home}.` }
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { installed: false, reason: `moto could not be had from PyPI: ${reason}` }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
