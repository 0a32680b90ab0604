import { type Stage, Stages } from '../cloud/stages.ts'
import type { RunEnvironment } from '../define.ts'
import { createScrubber, type Scrubber } from '../scrub/scrubber.ts'
import { passSteps } from '../session/pass-steps.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { type Answer, firstHeader, headerText } from './answer.ts'
import { beginningOf, bodyOf, type WantedBody } from './answer-body.ts'
import { ApiError } from './api-error.ts'
import { wordsOf } from './api-words.ts'
import { type BaseUrl, readBaseUrl } from './base-url.ts'
import { endpointsOf } from './endpoints.ts'
import { connectBudgetMs, type HttpApiConfig } from './form.ts'
import { HttpOrigin, type HttpResponse, type Origin } from './open.ts'
import { type Asked, aboutRequest, redirectProblem, statusProblem } from './problems.ts'
import { RateLimit } from './rate-limit.ts'
import { maxRedirects, placeOf, redirectOf } from './redirects.ts'
import { apiHeaders, type NamedValue, plainHeaders } from './request-headers.ts'
import { decoded, targetOf, withoutParameters, withParameters } from './request-url.ts'
import { retryAfterMs } from './retry-after.ts'
import { holdsAny, secretsOf } from './secrets-of.ts'
import { tokenStage } from './token-endpoint.ts'

export interface ApiQuestion extends WantedBody {
  readonly url: URL
  /** Whether the URL is the connector's own or one that the API itself gave: only then are credentials sent there. */
  readonly isTrusted: boolean
  /** Of the dataset. */
  readonly headers: readonly NamedValue[]
  readonly body: string | null
  readonly signal: AbortSignal
  /** `performance.now()` at which there is no time left for it; each of its requests has its own time as well. */
  readonly until: number
}

/** More servers than these have nothing to do with one API. */
const maxForeignOrigins = 10

/** As the API is known, without who asks. */
const nobodysTls = (tls: HttpApiConfig['tls']): HttpApiConfig['tls'] => ({
  ...tls,
  clientCertificate: undefined,
  clientKey: undefined,
  clientKeyPassphrase: undefined,
})

/** Redirects are followed with an unverified certificate nowhere but at the API itself. */
const foreignTls = (tls: HttpApiConfig['tls']): HttpApiConfig['tls'] => ({
  ...nobodysTls(tls),
  mode: 'VERIFY_FULL',
  serverName: undefined,
})

/** What one run shares: the ways to the API and to whoever gives out its token, and how the API is asked. */
export class ApiSession {
  readonly config: HttpApiConfig
  readonly base: BaseUrl
  readonly stages: Stages
  readonly #environment: RunEnvironment
  readonly #api: HttpOrigin
  /** By origin: where the API has sent us on to. */
  readonly #foreign = new Map<string, HttpOrigin>()
  readonly #rate: RateLimit | null
  #token: string | null = null
  #isRenewed = false
  #scrub: Scrubber | null = null

  /** `isPaced`: whether the connector's rate limit holds. A test asks once. */
  constructor(config: HttpApiConfig, environment: RunEnvironment, { isPaced }: { readonly isPaced: boolean }) {
    this.config = config
    this.base = readBaseUrl(config.baseUrl)
    this.#environment = environment
    this.#rate = isPaced ? new RateLimit(config.rateLimit) : null
    this.#api = this.#origin(this.base, config.tls, ['baseUrl'])
    const names = endpointsOf(config)
    const { oauthClientCredentials } = config.auth
    const signIn =
      oauthClientCredentials && names.token !== null
        ? [
            tokenStage(oauthClientCredentials, {
              name: names.token,
              config,
              network: environment.network,
              onToken: token => {
                this.#token = token
                this.#scrub = null
              },
            }),
          ]
        : []
    this.stages = new Stages([...signIn, this.#stage(names.api)])
  }

  /** For whatever a server says: it may say a secret. */
  get scrub(): Scrubber {
    this.#scrub ??= createScrubber([...secretsOf(this.config), ...(this.#token === null ? [] : [this.#token])])
    return this.#scrub
  }

  /**
   * Asks once, and goes where the answer sends it on to, as the connector allows. Throws `ApiError` for everything but an
   * answer with a status from 200 to 299, and the signal's reason when that aborts.
   */
  async ask(question: ApiQuestion): Promise<Answer> {
    const hops: string[] = []
    let { url, isTrusted } = question
    for (;;) {
      const { done, redirect } = await this.#hop(question, { url, isTrusted, hops })
      if (done) return done
      if (hops.length >= maxRedirects) throw this.#tooManyRedirects(question)
      isTrusted &&= redirect.origin === this.base.origin
      url = isTrusted ? redirect : this.withoutSecrets(question, redirect)
      hops.push(placeOf(url))
    }
  }

  /**
   * Asks for another token, where one that the API has taken is refused: they end. Once in a run: a second that ends at once
   * is a fault. Answers whether there is another one before `until`, by `performance.now()`.
   */
  async renewToken(signal: AbortSignal, until: number): Promise<boolean> {
    const [stage] = this.stages.all
    const signIn = stage?.steps.SIGN_IN
    if (!stage || !signIn || this.#isRenewed) return false
    this.#isRenewed = true
    const timedOut = (seconds: number) => stage.timedOut('SIGN_IN', seconds)
    const time = AbortSignal.timeout(leftOf(until))
    const step = { budgetMs: stage.budgetMs('SIGN_IN'), run: signIn, timedOut }
    try {
      return (await passSteps([step], AbortSignal.any([signal, time]))) === null
    } catch (error) {
      signal.throwIfAborted()
      if (!time.aborted) throw error
      return false
    }
  }

  /** Ends what is still being asked. Nothing can be asked any more. */
  close(): void {
    for (const origin of this.#foreign.values()) origin.close()
    this.stages.close()
  }

  /** One request, within its own time. */
  async #hop(question: ApiQuestion, place: Place): Promise<Hop> {
    const { signal, until } = question
    await this.#rate?.take(AbortSignal.any([signal, AbortSignal.timeout(leftOf(until))])).catch(error => {
      signal.throwIfAborted()
      if (performance.now() < until - 5) throw error
      throw this.#late(question, 0)
    })
    const startedAt = performance.now()
    const budgetMs = Math.max(1, Math.min(this.config.limits.requestTimeoutSeconds * 1_000, until - startedAt))
    const budget = AbortSignal.timeout(Math.ceil(budgetMs))
    const either = AbortSignal.any([signal, budget])
    let response: HttpResponse | null = null
    try {
      const origin = await this.#originOf(question, place, either)
      response = await this.#send(origin, question, place, either)
      return await this.#judge(question, place, { response, signal: either, startedAt })
    } catch (error) {
      signal.throwIfAborted()
      throw budget.aborted ? this.#late(question, budgetMs) : error
    } finally {
      response?.discard()
    }
  }

  #send(origin: HttpOrigin, question: ApiQuestion, { url, isTrusted }: Place, signal: AbortSignal) {
    const { method, headers, body } = question
    const { apiKey } = this.config.auth
    const keyed = isTrusted && apiKey?.in === 'QUERY' ? withParameters(url, [[apiKey.name, apiKey.value]]) : url
    return origin.send({
      method,
      path: targetOf(keyed),
      headers: isTrusted
        ? apiHeaders({ config: this.config, own: headers, token: this.#token, hasBody: body !== null })
        : plainHeaders(),
      body,
      signal,
    })
  }

  async #judge(
    question: ApiQuestion,
    { url, isTrusted, hops }: Place,
    { response, signal, startedAt }: Came,
  ): Promise<Hop> {
    const { status } = response
    const location = firstHeader(response, 'location')
    const redirect = redirectOf({ status, location }, { method: question.method, url }, this.config.redirects)
    if (redirect?.kind === 'FOLLOW') return { done: null, redirect: redirect.url }
    if (redirect) throw new ApiError(redirectProblem(question, redirect, { status, from: url }))
    if (!isSuccess(status)) throw await this.#refusal(question, { response, signal, startedAt }, isTrusted ? null : url)
    const bytes = await bodyOf(question, response)
    const durationMs = performance.now() - startedAt
    return { done: { status, headers: response.headers, bytes, url, isTrusted, hops, durationMs }, redirect: null }
  }

  /** What a status tells of that is none of the expected ones, with the API's own words if it has any. */
  async #refusal(question: ApiQuestion, { response, signal }: Came, elsewhere: URL | null): Promise<ApiError> {
    // That it refuses is known by now: it cannot be hidden by saying why too slowly.
    const patience = AbortSignal.any([signal, AbortSignal.timeout(wordsMs)])
    const body = await untilAborted(beginningOf(response), patience).catch(() => '')
    question.signal.throwIfAborted()
    const words = wordsOf(body, headerText(response, 'www-authenticate'))
    const wait = retryAfterMs(firstHeader(response, 'retry-after') ?? '')
    const { status } = response
    const from = elsewhere && placeOf(elsewhere)
    return new ApiError(statusProblem(question, { status, words, retryAfterMs: wait, elsewhere: from }), {
      retryAfterMs: wait,
    })
  }

  /** The way to a URL's server, which has been gone before anything is asked there. */
  async #originOf(question: ApiQuestion, { url, isTrusted }: Place, signal: AbortSignal): Promise<HttpOrigin> {
    const isApi = url.origin === this.base.origin
    // The certificate of the client would say who asks, whatever the headers leave out.
    if (isApi && (isTrusted || this.config.tls.clientCertificate === undefined)) return this.#api
    const known = this.#foreign.get(url.origin)
    if (known) return known
    if (this.#foreign.size >= maxForeignOrigins) throw this.#tooManyRedirects(question)
    const origin = this.#origin(
      readBaseUrl(url.origin),
      isApi ? nobodysTls(this.config.tls) : foreignTls(this.config.tls),
      [],
    )
    this.#foreign.set(url.origin, origin)
    const keys = ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE'] as const
    const steps = keys.map(key => ({
      budgetMs: origin.budgetMs(key),
      run: origin.steps[key],
      timedOut: (seconds: number) => origin.timedOut(key, seconds),
    }))
    const blocked = await passSteps(steps, signal)
    if (!blocked) return origin
    this.#foreign.delete(url.origin)
    origin.close()
    throw new ApiError(blocked)
  }

  /** For another server: an API may have put the key that it was asked with into the address that it names. */
  withoutSecrets(question: Asked, url: URL): URL {
    const { apiKey } = this.config.auth
    const bare = withoutParameters(
      url,
      (name, value) => apiKey?.in === 'QUERY' && (name === apiKey.name || value === apiKey.value),
    )
    const secrets = [...secretsOf(this.config), ...(this.#token === null ? [] : [this.#token])]
    if (!holdsAny(secrets, bare.href) && !holdsAny(secrets, decoded(bare.href))) return bare
    const location = this.scrub.text(placeOf(bare))
    const params = { location }
    const detail = 'The address holds a secret of the connector, which no other server may see.'
    throw new ApiError(aboutRequest('REDIRECT_REFUSED', question, { params, detail }))
  }

  #tooManyRedirects(question: ApiQuestion): ApiError {
    const fields = question.purpose === 'TEST' ? ['baseUrl', 'probe.path'] : ['path']
    return new ApiError(aboutRequest('TOO_MANY_REDIRECTS', question, { params: { count: maxRedirects }, fields }))
  }

  #late(question: ApiQuestion, budgetMs: number): ApiError {
    const seconds = Math.round(budgetMs / 100) / 10
    return new ApiError(aboutRequest('HTTP_TIMED_OUT', question, { params: { seconds } }))
  }

  #origin(origin: Origin, tls: HttpApiConfig['tls'], fields: readonly string[]): HttpOrigin {
    const { host, port, encrypted } = origin
    return new HttpOrigin({
      origin: { host, port, encrypted },
      tls,
      fields,
      network: this.#environment.network,
      connectBudgetMs: connectBudgetMs(this.config),
    })
  }

  #stage(target: string): Stage {
    const api = this.#api
    return {
      target,
      steps: api.steps,
      timedOut: (key, seconds) => api.timedOut(key, seconds),
      budgetMs: key => api.budgetMs(key),
      close: () => api.close(),
    }
  }
}

interface Place {
  readonly url: URL
  readonly isTrusted: boolean
  readonly hops: readonly string[]
}

interface Came {
  readonly response: HttpResponse
  readonly signal: AbortSignal
  readonly startedAt: number
}

type Hop = { readonly done: Answer; readonly redirect: null } | { readonly done: null; readonly redirect: URL }

/** For the words of a failure. */
const wordsMs = 2_000

const isSuccess = (status: number): boolean => status >= 200 && status < 300

const leftOf = (until: number): number => Math.max(1, Math.min(2 ** 31 - 1, Math.ceil(until - performance.now())))
