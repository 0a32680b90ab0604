import { randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every secret of an end-to-end suite begins with it, so that one search finds them all. */
export const marker = 'canary-Wj7qXh2Lk9'

/** What secrets hold beside letters: each is written in another way in URLs, JSON and shells. */
const awkward = ` "ü%/\\`

/** A secret that nobody else uses. */
export const canarySecret = (): string => `${marker}-${randomBytes(6).toString('hex')}${awkward}`

/** One for headers of HTTP, and other places that take no more than letters. */
export const plainSecret = (): string => `${marker}-${randomBytes(6).toString('hex')}`

/** The ways in which a text may lie in an answer, a log or a database. Written apart from the code under test. */
export function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].flatMap(offset => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // Without the characters that share bits with what stands before and after.
    const certain = shifted.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3))
    return [certain, certain.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const percent = encodeURIComponent(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  const escapedTwice = JSON.stringify(json).slice(1, -1)
  const all = [secret, percent, percent.replaceAll('%20', '+'), json, escapedTwice, bytes.toString('hex'), ...base64]
  return [...new Set(all)]
}

const listFile = (directory: string) => join(directory, 'other-secrets.jsonl')

/** Makes the scan look also for a secret that cannot carry the marker, such as a key. */
export function searchFor(directory: string, name: string, secret: string): void {
  appendFileSync(listFile(directory), `${JSON.stringify({ name, secret })}\n`)
}

export interface NamedSecret {
  readonly name: string
  readonly secret: string
}

/** The list of `searchFor`, as text. */
export function parseOtherSecrets(text: string): readonly NamedSecret[] {
  const lines = text.split('\n').filter(line => line !== '')
  // Written above.
  return lines.map(line => JSON.parse(line) as NamedSecret)
}

export const otherSecretsFile = listFile
