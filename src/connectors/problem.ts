import type { JsonValue } from './json.ts'
import { type ProblemCode, problemTable } from './problem-table.ts'

/** Where a problem arose: what the reader has to look at. */
export type ProblemOrigin = 'FORM' | 'NETWORK' | 'SOURCE' | 'SECRET_STORE' | 'POLICY' | 'PATCHBAY'

/** Something the reader can do about a problem; every kind has a title that stands on its own. */
export type Remedy =
  /** Put `value` into the form field at `field`. */
  | { readonly kind: 'SET_FIELD'; readonly title: string; readonly field: string; readonly value: JsonValue }
  /** Run `sql` on the data source as an administrator. Never holds a secret. */
  | { readonly kind: 'RUN_SQL'; readonly title: string; readonly sql: string }
  /** Ask the owner of a firewall or allow-list to let `addresses` in. */
  | { readonly kind: 'ALLOW_ADDRESS'; readonly title: string; readonly addresses: readonly string[] }
  /** Type the secret at `field` again. */
  | { readonly kind: 'REENTER_SECRET'; readonly title: string; readonly field: string }
  | { readonly kind: 'READ_DOCS'; readonly title: string; readonly url: string }

/** The one shape in which anything that went wrong is reported. Plain data: it crosses process borders and is stored. */
export interface Problem {
  readonly code: ProblemCode
  readonly origin: ProblemOrigin
  /** One or two sentences for the person who filled in the form. */
  readonly message: string
  /** The values in `message`, for clients that translate by `code`. */
  readonly params: { readonly [name: string]: JsonValue }
  /** The driver's or server's own words, cleaned and cut to 300 characters. Scrubbed of secrets before it leaves. */
  readonly detail: string | null
  /** Whether the same attempt may succeed later without any change. */
  readonly retryable: boolean
  /** Form paths to mark, most likely first (`auth.password.username`). */
  readonly fields: readonly string[]
  readonly remedies: readonly Remedy[]
  /** Path of the page that explains the problem, relative to the documentation's root. */
  readonly docsPath: string
}

export interface ProblemOptions {
  readonly params?: { readonly [name: string]: JsonValue }
  readonly detail?: string | null
  readonly fields?: readonly string[]
  readonly remedies?: readonly Remedy[]
}

/** Builds a problem from the table; `{name}` in the table's message is filled from `params`. */
export function problem(code: ProblemCode, options: ProblemOptions = {}): Problem {
  const definition = problemTable[code]
  const params = options.params ?? {}
  return {
    code,
    origin: definition.origin,
    message: definition.message.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '?')),
    params,
    detail: options.detail == null ? null : cleanText(options.detail, maxDetailLength),
    retryable: definition.retryable,
    fields: options.fields ?? [],
    remedies: options.remedies ?? [],
    docsPath: docsPathOf(code),
  }
}

/** Path of the page that explains a code, with its place there, relative to the documentation's root. */
export const docsPathOf = (code: ProblemCode): string => `problems.md#${code.toLowerCase().replaceAll('_', '-')}`

const maxDetailLength = 300

/**
 * `text` without control and direction-changing characters, cut to `maxLength` characters. A hostile server chooses
 * such text: those characters and its length are its two weapons against a reader's screen.
 */
export function cleanText(text: string, maxLength: number): string {
  const printable = text
    .slice(0, 10 * maxLength)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose.
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g, ' ')
    .trim()
  // Also where only characters that do not print were cut off: what hides secrets must see that something is missing.
  const isCut = printable.length > maxLength || text.length > 10 * maxLength
  // Half of a character outside the basic plane is no character.
  return isCut ? `${printable.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…` : printable
}
