import type { HttpAnswer } from '../cloud/http-caller.ts'
import { isRecord } from '../form-tree-walk.ts'

/** Why Google has not done what it was asked for: in BigQuery's words, those of newer services, or those of OAuth. */
export interface GoogleRefusal {
  readonly status: number
  /** BigQuery's (`accessDenied`) or OAuth's (`invalid_grant`); empty for none. */
  readonly reason: string
  /** Of `google.rpc.ErrorInfo`: `SERVICE_DISABLED`; empty for none. */
  readonly info: string
  /** What belongs to that. */
  readonly metadata: { readonly [name: string]: string }
  readonly message: string
}

/** As much as anybody reads of it. */
const maxMessageLength = 4_096

/** What an answer that is none tells. */
export function readRefusal({ status, json }: Pick<HttpAnswer, 'status' | 'json'>): GoogleRefusal {
  const { error, error_description: description } = recordOf(json)
  if (typeof error === 'string' || typeof description === 'string') {
    return { status, reason: textOf(error), info: '', metadata: {}, message: textOf(description) || textOf(error) }
  }
  const { message, errors, details } = recordOf(error)
  const first = firstOf(errors, () => true)
  const info = firstOf(details, ({ reason, domain }) => typeof reason === 'string' && typeof domain === 'string')
  return {
    status,
    reason: textOf(first['reason']),
    info: textOf(info['reason']),
    metadata: textsOf(info['metadata']),
    message: textOf(message) || textOf(first['message']),
  }
}

/** Why a job has failed: its `errorResult`, which has no status. */
export function readJobError(value: unknown): GoogleRefusal {
  const { reason, message } = recordOf(value)
  return { status: 0, reason: textOf(reason), info: '', metadata: {}, message: textOf(message) }
}

type AnyRecord = { readonly [name: string]: unknown }

const recordOf = (value: unknown): AnyRecord => (isRecord(value) ? value : {})

const firstOf = (list: unknown, fits: (item: AnyRecord) => boolean): AnyRecord =>
  (Array.isArray(list) ? list.map(recordOf) : []).find(fits) ?? {}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, maxMessageLength) : '')

const textsOf = (value: unknown): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(recordOf(value)).map(([name, item]) => [name, textOf(item)]))
