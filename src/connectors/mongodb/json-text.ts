import type { JsonValue } from '../json.ts'
import { valueIssue } from './extended-json-words.ts'
import { type JsonSyntax, jsonSyntax } from './json-syntax.ts'

/** Characters of one JSON text of a query. */
export const maxTextLength = 100_000

/** More than MongoDB itself takes (100 levels); whoever walks the value by recursion is safe. */
const maxDepth = 120

export type JsonText =
  | { readonly kind: 'VALUE'; readonly value: JsonValue }
  /** A sentence or two for the reader, with the line. */
  | { readonly kind: 'ISSUE'; readonly message: string }

/** Reads JSON as it was typed. Numbers that would not arrive as they were written are refused, not rounded. */
export function readJson(text: string): JsonText {
  const syntax = jsonSyntax(text, maxDepth)
  if (syntax.kind === 'TOO_DEEP') return issue('This is nested too deeply.')
  if (syntax.kind === 'FAULT') return issue(syntaxIssue(text, syntax.index))
  if (syntax.kind === 'MISPLACED') return issue(`Line ${lineOf(text, syntax.index)}: ${misplaced(syntax)}`)
  const inexact: string[] = []
  const value = JSON.parse(text, (_key, item: unknown, context?: { source?: string }) => {
    if (typeof item === 'number' && context?.source !== undefined && !isExact(item, context.source)) {
      inexact.push(context.source)
    }
    return item
  }) as JsonValue
  const [number] = inexact
  if (number !== undefined) {
    return issue(
      `Line ${lineOf(text, text.indexOf(number))}: the number ${number.slice(0, 40)} is too exact for JSON. ` +
        `Write { "$numberLong": "..." } or { "$numberDecimal": "..." }.`,
    )
  }
  const wrong = valueIssue(value)
  return wrong === null ? { kind: 'VALUE', value } : issue(wrong)
}

const misplaced = ({ name, isRepeated }: Extract<JsonSyntax, { kind: 'MISPLACED' }>): string =>
  isRepeated
    ? `the name ${shortened(name)} stands in this document already; only one of the two would count.`
    : `the name ${shortened(name)} would be moved to the front, because it is a whole number. Write it there.`

const shortened = (name: string): string => JSON.stringify(name.length > 40 ? `${name.slice(0, 39)}…` : name)

const issue = (message: string): JsonText => ({ kind: 'ISSUE', message })

/** Whole numbers must be written as such; what has a fraction is a double in MongoDB too. */
const isExact = (value: number, source: string): boolean =>
  Number.isFinite(value) && (Number.isSafeInteger(value) || !/^-?\d+$/.test(source))

const lineOf = (text: string, index: number): number => text.slice(0, Math.max(0, index)).split('\n').length

function syntaxIssue(text: string, index: number): string {
  if (text.trim() === '') return 'Line 1: there is nothing here. Give Extended JSON.'
  const line = lineOf(text, index)
  if (index >= text.length) return `Line ${line}: the text ends too early.`
  const column = index - text.lastIndexOf('\n', index - 1)
  return `Line ${line}, column ${column}: this is not Extended JSON.${hint(text, index)}`
}

/** What people paste from the shell. */
function hint(text: string, index: number): string {
  const rest = text.slice(index)
  if (/^(ObjectId|ISODate|NumberLong|NumberDecimal|UUID|BinData|Timestamp|new\b)/.test(rest)) {
    return ' Write values as { "$oid": "..." }, { "$date": "..." } and the like, not as calls.'
  }
  if (/^[A-Za-z_$]/.test(rest)) return ' Names stand in double quotes.'
  if (rest.startsWith("'")) return ' Use double quotes.'
  if (/^[}\]]/.test(rest)) return ' There is a comma too many, or something is missing.'
  if (/^\/[/*]/.test(rest)) return ' Comments are not possible.'
  return rest.startsWith('/') ? ' Write regular expressions as { "$regex": "..." }.' : ''
}

const isDocument = (value: JsonValue): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is wrong with a text that is to be one document; null when nothing is. */
export function documentIssue(text: string): string | null {
  const read = readJson(text)
  if (read.kind === 'ISSUE') return read.message
  return isDocument(read.value) ? null : 'Give one document: { ... }.'
}

/** The same for a list of stages. */
export function pipelineIssue(text: string): string | null {
  const read = readJson(text)
  if (read.kind === 'ISSUE') return read.message
  const { value } = read
  if (!Array.isArray(value)) return 'Give a list of stages: [ { ... } ].'
  const wrong = value.findIndex(stage => !isDocument(stage) || Object.keys(stage as object).length !== 1)
  return wrong < 0 ? null : `Stage ${wrong + 1} must be a document with one name: { "$match": ... }.`
}
