import { execFile } from 'node:child_process'
import { access, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './install.ts'

const run = promisify(execFile)

const version = '3.7.1'
export const s3rverHome = join(tmpdir(), `patchbay-test-s3rver-${version}`)

/** Gets s3rver, a server that understands S3, from npm, once for all suites of this machine. Answers in words when it cannot be had. */
export async function installS3rver(): Promise<Installation> {
  if (await exists()) return { installed: true }
  const staging = await mkdtemp(`${s3rverHome}-`)
  try {
    const options = ['--prefix', staging, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', ...options, `s3rver@${version}`], {
      // Away from this project: it is none of its dependencies.
      cwd: staging,
      timeout: 300_000,
      maxBuffer: 16 * 1_024 * 1_024,
    })
    // Filled aside and renamed, so that suites starting at once never see half of it.
    await rename(staging, s3rverHome).catch(() => {})
    return (await exists())
      ? { installed: true }
      : { installed: false, reason: `s3rver could not be put into ${s3rverHome}.` }
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { installed: false, reason: `s3rver could not be had from npm: ${reason}` }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

const exists = (): Promise<boolean> =>
  access(join(s3rverHome, 'node_modules', 's3rver', 'package.json')).then(
    () => true,
    () => false,
  )
