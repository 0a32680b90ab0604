import { execFile } from 'node:child_process'
import { access, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './install.ts'

const run = promisify(execFile)

const version = 'v1.24.0'
const module = 'github.com/FerretDB/FerretDB'
const home = join(tmpdir(), `patchbay-test-ferretdb-${version}`)
export const ferretDbProgram = join(home, 'ferretdb')

/** Builds FerretDB from its Go module, once for all suites of this machine. Answers in words when it cannot be had. */
export async function installFerretDb(): Promise<Installation> {
  if (await exists(ferretDbProgram)) return { installed: true }
  const staging = await mkdtemp(`${home}-`)
  try {
    const options = { cwd: staging, timeout: 540_000, maxBuffer: 64 * 1_024 * 1_024 }
    const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], options)
    const { Dir: downloaded } = JSON.parse(stdout) as { readonly Dir: string }
    const source = join(staging, 'source')
    // It refuses to start without a file that a release writes, and the module's own folder cannot be written to.
    await cp(downloaded, source, { recursive: true, mode: 0 })
    await run('chmod', ['-R', 'u+w', source])
    await writeFile(join(source, 'build', 'version', 'version.txt'), `${version}\n`)
    const built = join(staging, 'bin')
    await mkdir(built, { mode: 0o755 })
    await run('go', ['build', '-buildvcs=false', '-o', join(built, 'ferretdb'), './cmd/ferretdb'], {
      ...options,
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0' },
    })
    const { stdout: said } = await run(join(built, 'ferretdb'), ['--version'])
    if (!said.includes(version))
      return { installed: false, reason: `What was built is no FerretDB ${version}: ${said}` }
    // Built aside and renamed, so that suites starting at once never see half of it.
    await rename(built, home).catch(() => {})
    return (await exists(ferretDbProgram))
      ? { installed: true }
      : { installed: false, reason: `FerretDB could not be put into ${home}.` }
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { installed: false, reason: `FerretDB could not be built from its Go module: ${reason}` }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
