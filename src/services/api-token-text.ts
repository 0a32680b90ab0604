import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What every API token begins with, so that it is known for one wherever it turns up. */
export const apiTokenPrefix = 'pby_'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const idLength = 12
/** 62^43 is more than 2^256. */
const secretLength = 43
/** 62^6 is more than 2^32. */
const checksumLength = 6

export interface ApiTokenParts {
  /** Says which token it is, and is no secret. */
  readonly id: string
  readonly secret: string
}

/** Parts of a new token, from the operating system's random numbers. */
export const newApiTokenParts = (): ApiTokenParts => ({ id: randomText(idLength), secret: randomText(secretLength) })

/**
 * The token as its owner keeps it: `pby_<id>_<secret><checksum>`. The checksum (CRC-32 of all that stands before it)
 * tells a mistyped or cut token, and what only looks like one, from a real one without asking anybody.
 */
export function apiTokenText({ id, secret }: ApiTokenParts): string {
  const body = `${beginningOf(id)}_${secret}`
  return body + checksum(body)
}

/** What a token begins with: enough to know it again, and of no other use. */
export const beginningOf = (id: string): string => apiTokenPrefix + id

const shape = new RegExp(
  `^${apiTokenPrefix}(?<id>[0-9A-Za-z]{${idLength}})_(?<secret>[0-9A-Za-z]{${secretLength}})(?<sum>[0-9A-Za-z]{${checksumLength}})$`,
)

/** The parts of a token; null for what Patchbay has never given out, which the text alone tells. */
export function parseApiToken(text: string): ApiTokenParts | null {
  const { id, secret, sum } = shape.exec(text)?.groups ?? {}
  if (id === undefined || secret === undefined) return null
  return checksum(text.slice(0, -checksumLength)) === sum ? { id, secret } : null
}

/** `text` with every token in it, or what is left of one, cut after its id. */
export const withoutApiTokens = (text: string): string => text.replace(inText, '$<beginning>…')

const inText = new RegExp(`(?<beginning>${apiTokenPrefix}[0-9A-Za-z]{${idLength}}_)[0-9A-Za-z]+`, 'g')

const checksum = (text: string): string => base62(crc32(text)).padStart(checksumLength, alphabet.charAt(0))

function base62(number: number): string {
  const rest = Math.floor(number / alphabet.length)
  return (rest === 0 ? '' : base62(rest)) + alphabet.charAt(number % alphabet.length)
}

/** Every character with the same probability. */
const randomText = (length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
