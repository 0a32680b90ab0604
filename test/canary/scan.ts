import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { marker, otherSecretsFile, parseOtherSecrets, spellings } from './secrets.ts'

export interface Leak {
  /** Path of the artifact, from the directory. */
  readonly file: string
  /** What was found; never the secret itself. */
  readonly secret: string
  readonly byteOffset: number
}

export interface ScanReport {
  readonly files: number
  readonly bytes: number
  readonly leaks: readonly Leak[]
  /** How many artifacts of what was sent hold a secret: without any, nothing has been tried. */
  readonly filesSentWithSecrets: number
}

const isControl = (file: string) => file.startsWith('sent/')

/** Looks through what suites have recorded in `directory` for every secret that they used. */
export async function scan(directory: string): Promise<ScanReport> {
  const others = parseOtherSecrets(await readFile(otherSecretsFile(directory), 'utf8').catch(() => ''))
  const wanted = [{ name: 'a secret with the marker', secret: marker }, ...others].flatMap(({ name, secret }) =>
    spellings(secret).map(spelling => ({ name, bytes: Buffer.from(spelling) })),
  )
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  const files = entries
    .filter(entry => entry.isFile() && entry.parentPath !== directory)
    .map(entry => join(entry.parentPath, entry.name).slice(directory.length + 1))
  const leaks: Leak[] = []
  let bytes = 0
  let filesSentWithSecrets = 0
  for (const file of files) {
    const content = await readFile(join(directory, file))
    if (isControl(file)) {
      if (content.includes(marker)) filesSentWithSecrets++
      continue
    }
    bytes += content.length
    for (const { name, bytes: spelling } of wanted) {
      const byteOffset = content.indexOf(spelling)
      if (byteOffset >= 0) leaks.push({ file, secret: name, byteOffset })
    }
  }
  return { files: files.filter(file => !isControl(file)).length, bytes, leaks, filesSentWithSecrets }
}
