import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { scan } from './scan.ts'

/** Gives suites a place to record what servers said and left behind, and looks through it after the last one. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-recordings-'))
  project.provide('canaryDirectory', directory)
  return async () => {
    const { files, bytes, leaks, filesSentWithSecrets } = await scan(directory)
    const looked = `in ${files} recordings of ${Math.round(bytes / 2 ** 20)} MiB`
    if (leaks.length > 0) {
      const places = leaks.map(({ file, secret, byteOffset }) => `  ${secret} in ${file}, byte ${byteOffset}`)
      throw new Error(`Secrets have leaked (${looked}; kept in ${directory}):\n${places.join('\n')}`)
    }
    await rm(directory, { recursive: true, force: true })
    if (files > 0 && filesSentWithSecrets === 0) throw new Error(`No secret was sent: nothing was tried (${looked}).`)
    if (files > 0) console.log(`No secret was found ${looked}.`)
  }
}
