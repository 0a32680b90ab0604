import type { RawAnswer } from '../cloud/http-caller.ts'
import { isRecord } from '../form-tree-walk.ts'
import type { Refused } from './problems.ts'

export type JsonRecord = { readonly [key: string]: unknown }

/** The body's value; undefined where it is none in JSON. */
export function jsonOf({ body }: RawAnswer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** What answers there, where it is not Databricks, in words that complete "it looks like ". */
export const foundInstead = ({ body, status }: RawAnswer): string =>
  /^\s*</.test(body.toString('latin1', 0, 64)) ? `a web page (HTTP ${status})` : `something else (HTTP ${status})`

const maxWordLength = 100
const maxMessageLength = 4_096

/** The words of a refusal: in its body as JSON, and in headers where nobody is expected to read the body. */
export function refusalOf(answer: RawAnswer): Refused {
  const { status, headers } = answer
  const said = jsonOf(answer)
  const { error_code: code, error: short, message, error_description: long } = isRecord(said) ? said : {}
  const inHeaders = headers['x-thriftserver-error-message'] ?? headers['x-databricks-reason-phrase'] ?? ''
  const [, headerWord = '', headerText = ''] = /^(?:([A-Z][A-Z_]+): )?(.*)$/s.exec(inHeaders) ?? []
  return {
    status,
    word: (firstText(code, short) || headerWord).slice(0, maxWordLength),
    message: (firstText(message, long) || headerText).slice(0, maxMessageLength),
  }
}

const firstText = (...values: readonly unknown[]): string =>
  values.find((value): value is string => typeof value === 'string' && value !== '') ?? ''
