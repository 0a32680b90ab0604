import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

interface Expectation {
  readonly file: string
  /** How a dataset says what it is, beside its key. */
  readonly query: Readonly<Record<string, unknown>>
  /** What reading it must give. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** A file that another program than ours has written. */
export interface WrittenFile extends Expectation {
  readonly content: Uint8Array<ArrayBuffer>
}

/** Has a script of this folder write files. `python`: the interpreter that can run it. */
export async function writtenFiles(python: string, script: string): Promise<readonly WrittenFile[]> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-files-'))
  try {
    await promisify(execFile)(python, [join(import.meta.dirname, script), directory], { env: {} })
    const read = (file: string) => readFile(join(directory, file))
    // Written by the script, beside the files.
    const expected = JSON.parse(String(await read('expected.json'))) as readonly Expectation[]
    return await Promise.all(expected.map(async each => ({ ...each, content: new Uint8Array(await read(each.file)) })))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
