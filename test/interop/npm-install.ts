import { execFile } from 'node:child_process'
import { access, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './install.ts'

const run = promisify(execFile)

export interface NpmPackage {
  readonly name: string
  readonly version: string
}

/** Where a package of npm is put, away from this project: it is none of its dependencies. */
export const npmHome = ({ name, version }: NpmPackage): string =>
  join(tmpdir(), `patchbay-test-${name.replaceAll(/[^a-z0-9.-]/g, '-')}-${version}`)

/** Gets a server from npm, once for all suites of this machine. Answers in words when it cannot be had. */
export async function installNpm(wanted: NpmPackage): Promise<Installation> {
  const { name, version } = wanted
  const home = npmHome(wanted)
  const isThere = () =>
    access(join(home, 'node_modules', name, 'package.json')).then(
      () => true,
      () => false,
    )
  if (await isThere()) return { installed: true }
  const staging = await mkdtemp(`${home}-`)
  try {
    const options = ['--prefix', staging, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', ...options, `${name}@${version}`], {
      cwd: staging,
      timeout: 300_000,
      maxBuffer: 16 * 1_024 * 1_024,
    })
    // Filled aside and renamed, so that suites starting at once never see half of it.
    await rename(staging, home).catch(() => {})
    return (await isThere())
      ? { installed: true }
      : { installed: false, reason: `${name} could not be put into ${home}.` }
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { installed: false, reason: `${name} could not be had from npm: ${reason}` }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}
