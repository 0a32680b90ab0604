import { isUtf8 } from 'node:buffer'
import { parseExactDecimalJson } from '../exact-json.ts'
import { jsonExcess } from '../files/json-excess.ts'
import type { JsonValue } from '../json.ts'

/** Whoever walks a value by recursion is safe. */
const maxLevels = 100
/** Each takes up to some hundred bytes in memory. */
const maxValues = 2 ** 21

export type AnswerJson =
  /** `kept`: numbers that no double can hold, which therefore are text. */
  | { readonly kind: 'JSON'; readonly value: JsonValue; readonly kept: ReadonlySet<string> }
  | { readonly kind: 'WEB_PAGE' }
  /** `fault` completes "is not JSON: ". */
  | { readonly kind: 'NO_JSON'; readonly fault: string }
  | { readonly kind: 'TOO_MANY_VALUES' }

/** The body of an answer as JSON (RFC 8259: UTF-8, whatever its headers say), with all digits of its numbers. */
export function answerJson(bytes: Buffer, contentType: string): AnswerJson {
  if (bytes.length === 0) return noJson('it is empty')
  const isUtf16 = bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0))
  if (isUtf16) return noJson('it is written in UTF-16, not in UTF-8')
  if (!isUtf8(bytes)) return noJson(`it is written in ${charsetOf(contentType)}, not in UTF-8`)
  const text = bytes.toString('utf8').replace(/^\ufeff/, '')
  if (/^\s*$/.test(text.slice(0, 1_000)) && text.trim() === '') return noJson('it is empty')
  if (looksLikeWebPage(text)) return { kind: 'WEB_PAGE' }
  const excess = jsonExcess(text, { levels: maxLevels, values: maxValues })
  if (excess === 'VALUES') return { kind: 'TOO_MANY_VALUES' }
  if (excess === 'LEVELS') return noJson(`it is nested in more than ${maxLevels} levels`)
  const kept = new Set<string>()
  try {
    return { kind: 'JSON', value: parseExactDecimalJson(text, kept), kept }
  } catch (error) {
    return noJson(syntaxFault(text, contentType, error))
  }
}

const noJson = (fault: string): AnswerJson => ({ kind: 'NO_JSON', fault })

/** Whether an answer is a page for people, by how it begins. XML that is none is no page. */
const looksLikeWebPage = (text: string): boolean =>
  /^\s*<(?:!doctype\s+html|html|head|body)\b/i.test(text.slice(0, 1_000))

const charsetOf = (contentType: string): string =>
  /charset\s*=\s*"?([\w.:-]{1,40})/i
    .exec(contentType)?.[1]
    ?.toUpperCase()
    .replace(/^UTF-8$/, '') || 'another encoding'

/** V8 tells where it stopped, and quotes what stands there: that may be anything. */
function syntaxFault(text: string, contentType: string, error: unknown): string {
  if (/^\s*</.test(text.slice(0, 1_000))) return 'it looks like XML'
  if (/ndjson|jsonl|json-seq/i.test(contentType)) return 'it is a list of JSON documents, one in each line'
  const message = error instanceof Error ? error.message : ''
  const [, position] = /at position (\d+)/.exec(message) ?? []
  const isCut = position !== undefined && Number(position) >= text.trimEnd().length
  if (isCut || /end of JSON input|Unterminated/.test(message)) return 'it ends too early'
  if (position !== undefined) return `there is a mistake at character ${Number(position) + 1}`
  // Of short texts V8 quotes all there is, and does not say where.
  return /^\s*[[{"]/.test(text) ? 'there is a mistake in it' : 'it begins like none'
}
