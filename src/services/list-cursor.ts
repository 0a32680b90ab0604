import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { JsonValue } from '../connectors/json.ts'
import { BadCursorError } from '../db/keyset.ts'
import { isStorableText } from '../db/storable-text.ts'

/** Everything that decides what a list of a data source holds, for who asks for its next page. */
export type ListIdentity = readonly JsonValue[]

const maxNextLength = 2_000
const cursorSchema = z.tuple([z.string(), z.string().max(maxNextLength).refine(isStorableText)])

/** Binds a cursor to its list. Not a protection: types take what comes back for something that may be made up. */
const hashOf = (list: ListIdentity): string =>
  createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 16)

/** `next`: where the next page begins, in the words of the type. */
export const encodeListCursor = (list: ListIdentity, next: string): string =>
  Buffer.from(JSON.stringify([hashOf(list), next])).toString('base64url')

/** The `next` of an earlier page of the same list. Throws `BadCursorError`. */
export function decodeListCursor(list: ListIdentity, cursor: string): string {
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()))
  if (!parsed.success || parsed.data[0] !== hashOf(list)) throw new BadCursorError()
  return parsed.data[1]
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
