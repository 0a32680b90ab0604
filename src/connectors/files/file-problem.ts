import { cleanText, type Problem, problem } from '../problem.ts'
import type { FileFormat } from './file-options.ts'
import { maxRecordBytes, maxRecordValues } from './limits.ts'

/** What is wrong with a file, or with what was asked of it. */
export class FileProblemError extends Error {
  override readonly name = 'FileProblemError'
  readonly problem: Problem

  constructor(found: Problem) {
    super(found.message)
    this.problem = found
  }
}

const formatNames: Readonly<Record<FileFormat | 'GZIP', string>> = {
  CSV: 'CSV',
  JSON: 'JSON',
  NDJSON: 'NDJSON',
  PARQUET: 'Parquet',
  GZIP: 'gzip',
}

/** Names in a message, as many as a reader takes in. */
const shownNames = 20
const shownNameLength = 100
const shownKeyLength = 500

/** Whoever stores a file chooses its name. */
const keyOf = (name: string): string => cleanText(name, shownKeyLength)

/** `where`: what stopped the reading, and at which line or byte. */
export function malformed(name: string, format: FileFormat | 'GZIP', where: string): FileProblemError {
  const params = { key: keyOf(name), format: formatNames[format] }
  return new FileProblemError(problem('FILE_MALFORMED', { params, detail: where }))
}

export const unknownFormat = (name: string): FileProblemError =>
  new FileProblemError(problem('FILE_FORMAT_UNKNOWN', { params: { key: keyOf(name) }, fields: ['format'] }))

export function filesDiffer(name: string, first: string, columns: readonly string[]): FileProblemError {
  const params = { key: keyOf(name), first: keyOf(first), columns: listed(columns) }
  return new FileProblemError(problem('FILES_DIFFER', { params, fields: ['columns'] }))
}

/** `where`: of what there is too much, and at which line or byte. */
export const tooLarge = (limit: string, where: string): FileProblemError =>
  new FileProblemError(problem('RESULT_TOO_LARGE', { params: { limit }, detail: where }))

/** A record beyond what a row may be. */
export const recordTooLarge = (name: string, where: string): FileProblemError =>
  tooLarge(`${maxRecordBytes / 2 ** 20} MB in one record`, `${where} of "${name}"`)

/** The same for a record of JSON that is not large, but would be once it is parsed. */
export const tooManyValues = (name: string, where: string): FileProblemError =>
  tooLarge(`${maxRecordValues} values in one record`, `${where} of "${name}"`)

export const unusableQuery = (fields: readonly string[], detail: string): FileProblemError =>
  new FileProblemError(problem('QUERY_INVALID', { fields, detail }))

/** `"a", "b" and 3 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).map(name => `"${cleanText(name, shownNameLength)}"`)
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
