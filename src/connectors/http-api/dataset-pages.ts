import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { type JsonRecord, visitFields } from '../files/json-record.ts'
import type { JsonBatch } from '../files/json-table.ts'
import type { JsonValue } from '../json.ts'
import { problem } from '../problem.ts'
import { type Answer, headerText } from './answer.ts'
import { ApiError } from './api-error.ts'
import { jsonOfAnswer } from './json-of-answer.ts'
import { type NextPage, type Pager, pagerOf } from './pages/pager.ts'
import { type Asked, aboutRequest, redirectProblem } from './problems.ts'
import type { HttpApiQuery } from './query-form.ts'
import { selectRecords } from './records.ts'
import { linkedUrl, placeOf, whyNotFollowed } from './redirects.ts'
import { requestUrl, toParameter, withParameters } from './request-url.ts'
import { pauseBeforeRetry } from './retries.ts'
import type { ApiSession } from './session.ts'

interface PageRequest {
  readonly url: URL
  readonly isTrusted: boolean
}

/** Enough bytes for a page to decide about the columns by itself. */
const decidesAlone = Number.POSITIVE_INFINITY

/** The pages of a dataset, asked for one by one as they are wanted, within the dataset's own limits. */
export class DatasetPages {
  readonly #session: ApiSession
  readonly #query: HttpApiQuery
  readonly #asked: Asked
  readonly #signal: AbortSignal
  readonly #pager: Pager
  readonly #until: number
  #pages = 0
  #bytes = 0
  #isCut = false
  #hasMore = false

  constructor(session: ApiSession, query: HttpApiQuery, signal: AbortSignal) {
    this.#session = session
    this.#query = query
    this.#signal = signal
    const { method, path } = query
    this.#asked = { config: session.config, purpose: 'QUERY', method, path }
    this.#pager = pagerOf(query.pagination)
    this.#until = performance.now() + query.caps.maxSeconds * 1_000
  }

  /** Whether a limit has left something out. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** Whether another page was to follow the last one. */
  get hasMore(): boolean {
    return this.#hasMore
  }

  /** Whoever takes the rows has left something out. */
  cut(): void {
    this.#isCut = true
  }

  /** Pages that have records. Throws `ApiError`, and the signal's reason. */
  async *batches(): AsyncGenerator<JsonBatch, void> {
    let next: PageRequest | null = this.#firstRequest()
    while (next) {
      const answer = await this.#page(next)
      if (answer === null) return
      const { json, kept } = this.#read(answer)
      const records = this.#recordsOf(json)
      next = this.#nextRequest(answer, this.#pager.next({ json, records, link: headerText(answer, 'link') }))
      this.#hasMore = next !== null
      if (records.length > 0) {
        const batch = { records: records.map(value => recordOf(value, kept)), bytes: decidesAlone }
        yield next === null ? { ...batch, isLast: true } : batch
      }
      if (next && this.#pages >= this.#query.caps.maxPages) {
        this.#isCut = true
        return
      }
      // What has been cancelled while a page was looked at.
      await nextTurn()
      this.#signal.throwIfAborted()
    }
  }

  #firstRequest(): PageRequest {
    const { base, config } = this.#session
    const asked = requestUrl(base, this.#query.path, this.#query.parameters.map(toParameter))
    // What the connector says holds for all of its datasets: a tenant is not chosen by their authors.
    const url = withParameters(asked, config.queryParameters.map(toParameter))
    return { url: withParameters(url, this.#pager.first), isTrusted: true }
  }

  /** One page; null where there is none any more, or where a limit is reached. */
  async #page(request: PageRequest): Promise<Answer | null> {
    const { caps, method } = this.#query
    const { retry } = this.#session.config
    for (let made = 1; ; made += 1) {
      const isFirst = this.#pages === 0
      try {
        const answer = await this.#ask(request)
        this.#pages += 1
        this.#bytes += answer.bytes.length
        return answer
      } catch (error) {
        this.#signal.throwIfAborted()
        if (!(error instanceof ApiError)) throw error
        if (!isFirst && this.#isEnd(error)) return null
        if (
          !isFirst &&
          error.problem.code === 'HTTP_UNAUTHORIZED' &&
          (await this.#session.renewToken(this.#signal, this.#until))
        ) {
          continue
        }
        if (!isFirst && this.#isCap(error)) {
          this.#isCut = true
          return null
        }
        if (this.#isOver) throw this.#outOfTime(caps.maxSeconds)
        const pauseMs = pauseBeforeRetry(error, { made, method, retry, jitter: Math.random() })
        if (pauseMs === null) throw error
        if (performance.now() + pauseMs >= this.#until) {
          if (isFirst) throw error
          this.#isCut = true
          return null
        }
        await delay(pauseMs, undefined, { signal: this.#signal }).catch(() => this.#signal.throwIfAborted())
      }
    }
  }

  #ask({ url, isTrusted }: PageRequest): Promise<Answer> {
    const { headers, body } = this.#query
    return this.#session.ask({
      ...this.#asked,
      url,
      isTrusted,
      headers,
      body: this.#query.method === 'POST' ? (body ?? '') : null,
      signal: this.#signal,
      until: this.#until,
      maxBytes: Math.min(this.#answerBytes, this.#bytesLeft),
      sizeField: this.#bytesLeft < this.#answerBytes ? 'caps.maxMegabytes' : 'limits.maxAnswerMegabytes',
    })
  }

  get #answerBytes(): number {
    return this.#session.config.limits.maxAnswerMegabytes * 1_048_576
  }

  get #bytesLeft(): number {
    return this.#query.caps.maxMegabytes * 1_048_576 - this.#bytes
  }

  get #isOver(): boolean {
    // Timers count whole milliseconds.
    return performance.now() >= this.#until - 5
  }

  /** Whether a failure after the first page only says that the list has ended. */
  #isEnd({ problem: { code } }: ApiError): boolean {
    return code === 'HTTP_NOT_FOUND' && this.#pager.mayEndWithNotFound
  }

  /** Whether a failure comes of a limit of the dataset. */
  #isCap({ problem: { code } }: ApiError): boolean {
    if (code === 'ANSWER_TOO_LARGE') return this.#bytesLeft < this.#answerBytes
    return this.#isOver
  }

  #outOfTime(seconds: number): ApiError {
    return new ApiError(
      aboutRequest('HTTP_TIMED_OUT', this.#asked, { params: { seconds }, fields: ['caps.maxSeconds'] }),
    )
  }

  #read(answer: Answer): { readonly json: JsonValue; readonly kept: ReadonlySet<string> } {
    // By definition it has nothing in it.
    if (answer.status === 204) return { json: [], kept: new Set() }
    const { value, kept } = jsonOfAnswer(this.#asked, answer)
    return { json: value, kept }
  }

  #recordsOf(json: JsonValue): readonly JsonValue[] {
    const selected = selectRecords(json, this.#query.records)
    if (selected.kind === 'RECORDS') return selected.records
    const { fault } = selected
    throw new ApiError(aboutRequest('RECORDS_NOT_FOUND', this.#asked, { params: { fault }, fields: ['records'] }))
  }

  #nextRequest(answer: Answer, next: NextPage): PageRequest | null {
    switch (next.kind) {
      case 'END':
        return null
      case 'PARAMETERS':
        // The first request again: redirects are gone once more.
        return { url: withParameters(this.#firstRequest().url, next.parameters), isTrusted: true }
      case 'LINK':
        return this.#linked(answer, next.link)
      case 'REPEATS': {
        const { fault } = next
        throw new ApiError(problem('PAGES_REPEAT', { params: { fault }, fields: ['pagination'] }))
      }
      case 'UNREADABLE': {
        const { host, port } = this.#session.base
        const params = { host, port, expected: 'HTTP', fault: next.fault }
        throw new ApiError(
          problem('PROTOCOL_VIOLATION', { params: { ...params, fault: inSentence(next.fault) }, fields: [next.field] }),
        )
      }
    }
  }

  /** A link is gone like a redirect: to other servers only where the connector allows it, and then as nobody. */
  #linked({ url: from, isTrusted, status }: Answer, link: string): PageRequest {
    const to = linkedUrl(link, from)
    const { redirects } = this.#session.config
    const policy = redirects === 'NONE' ? 'SAME_ORIGIN' : redirects
    const refuse = (why: 'NOWHERE' | 'OFF_ORIGIN' | 'UNENCRYPTED' | 'POST', location: string) =>
      new ApiError(redirectProblem(this.#asked, { kind: 'REFUSE', why, location, target: to }, { status, from }))
    if (!to) throw refuse('NOWHERE', 'something that is no address')
    const why = whyNotFollowed(to, from, policy)
    if (why !== null) throw refuse(why, placeOf(to))
    const staysTrusted = isTrusted && to.origin === this.#session.base.origin
    if (!staysTrusted && this.#query.method === 'POST') throw refuse('POST', placeOf(to))
    return { url: staysTrusted ? to : this.#session.withoutSecrets(this.#asked, to), isTrusted: staysTrusted }
  }
}

const inSentence = (text: string): string => text.replace(/\.$/, '').replace(/^./, first => first.toLowerCase())

function recordOf(value: JsonValue, kept: ReadonlySet<string>): JsonRecord {
  if (kept.size === 0) return { value, longNumbers: null }
  const names = new Set<string>()
  visitFields(value, (name, item) => {
    if (typeof item === 'string' && kept.has(item)) names.add(name)
  })
  return { value, longNumbers: names }
}
