import { execFile } from 'node:child_process'
import { access, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './install.ts'

const run = promisify(execFile)

interface GoProgramOptions {
  readonly module: string
  readonly version: string
  /** Of the program, whose source is the module's `cmd/<name>`. */
  readonly name: string
  /** What has to be done to a copy of the module's source before it can be built. */
  readonly prepare?: (source: string) => Promise<void>
  /** Of what was built: throws where it is not what was meant. */
  readonly check?: (program: string) => Promise<void>
}

/** A program that is built from its Go module. */
export class GoProgram {
  readonly #options: GoProgramOptions
  readonly #home: string

  constructor(options: GoProgramOptions) {
    this.#options = options
    this.#home = join(tmpdir(), `patchbay-test-${options.name}-${options.version}`)
  }

  get path(): string {
    return join(this.#home, this.#options.name)
  }

  /** Builds it once for all suites of this machine. Answers in words when it cannot be had. */
  async install(): Promise<Installation> {
    if (await exists(this.path)) return { installed: true }
    const staging = await mkdtemp(`${this.#home}-`)
    try {
      const built = await this.#build(staging)
      // Built aside and renamed, so that suites starting at once never see half of it.
      await rename(built, this.#home).catch(() => {})
      return (await exists(this.path))
        ? { installed: true }
        : { installed: false, reason: `${this.#options.name} could not be put into ${this.#home}.` }
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
      return { installed: false, reason: `${this.#options.name} could not be built from its Go module: ${reason}` }
    } finally {
      await rm(staging, { recursive: true, force: true })
    }
  }

  async #build(staging: string): Promise<string> {
    const { module, version, name, prepare, check } = this.#options
    const options = { cwd: staging, timeout: 540_000, maxBuffer: 64 * 1_024 * 1_024 }
    const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], options)
    const { Dir: downloaded } = JSON.parse(stdout) as { readonly Dir: string }
    // A program built from its own source has the versions of other modules that it was released with.
    const source = join(staging, 'source')
    await cp(downloaded, source, { recursive: true, mode: 0 })
    await run('chmod', ['-R', 'u+w', source])
    await prepare?.(source)
    const built = join(staging, 'bin')
    await mkdir(built, { mode: 0o755 })
    await run('go', ['build', '-buildvcs=false', '-o', join(built, name), `./cmd/${name}`], {
      ...options,
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0' },
    })
    await check?.(join(built, name))
    return built
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
