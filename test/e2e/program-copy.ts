import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

interface Lock {
  readonly packages: { readonly [path: string]: { readonly dev?: boolean; readonly devOptional?: boolean } }
}

/** The program in a folder of its own with the packages that it runs with, but for some: as if those had not been installed. */
export class ProgramCopy implements AsyncDisposable {
  readonly entry: string
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.entry = join(folder, 'src', 'main.ts')
  }

  static async without(packages: readonly string[]): Promise<ProgramCopy> {
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-copy-'))
    for (const part of ['src', 'drizzle', 'package.json']) {
      await cp(join(root, part), join(folder, part), { recursive: true })
    }
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock
    const installed = Object.entries(lock.packages)
      .filter(([path, { dev, devOptional }]) => /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional)
      .map(([path]) => path)
      .filter(path => !packages.some(name => path === `node_modules/${name}`))
    for (const path of installed) {
      // What is for other systems is in the lock file alone.
      await cp(join(root, path), join(folder, path), { recursive: true }).catch(ignoreMissing)
    }
    return new ProgramCopy(folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
