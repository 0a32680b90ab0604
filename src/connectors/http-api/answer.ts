import type { HttpResponse } from './open.ts'

/** An answer that has been read. */
export interface Answer {
  readonly status: number
  readonly headers: HttpResponse['headers']
  /** Unpacked; empty where it was not wanted. */
  readonly bytes: Buffer
  /** Where it came from, after all redirects. */
  readonly url: URL
  /** Whether the API itself gave it, on its own and all the way: only then is anything that it names asked with credentials. */
  readonly isTrusted: boolean
  /** Where the request was sent on to, in order, without parameters. */
  readonly hops: readonly string[]
  readonly durationMs: number
}

/** A header's value, or all of them with commas between; empty where there is none. */
export function headerText({ headers }: Pick<Answer, 'headers'>, name: string): string {
  const value = headers[name] ?? ''
  return typeof value === 'string' ? value : value.join(', ')
}

/** The first value of a header that may come once; null where there is none. */
export function firstHeader({ headers }: Pick<Answer, 'headers'>, name: string): string | null {
  const value = headers[name]
  return (typeof value === 'string' ? value : value?.[0]) ?? null
}
