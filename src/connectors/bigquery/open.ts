import { cloudEndpoint } from '../cloud/endpoint.ts'
import { type EndpointStage, endpointStage } from '../cloud/endpoint-stage.ts'
import { HttpCallError, HttpCaller, type HttpQuestion } from '../cloud/http-caller.ts'
import { callsMs, type Stage, type StageContext, Stages } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, type RunEnvironment } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { isRecord } from '../form-tree-walk.ts'
import { createScrubber, type Scrubber } from '../scrub/scrubber.ts'
import { connectBudgetMs } from './budgets.ts'
import { endpoints } from './endpoints.ts'
import type { BigqueryConfig } from './form.ts'
import { readRefusal } from './google-refusal.ts'
import type { Subject } from './meanings.ts'
import { classifyRefusal, GoogleCallError } from './problems.ts'
import { RunningJobs } from './running-jobs.ts'
import { scopeOf, type TokenUse } from './scopes.ts'
import { readServiceAccountKey, type ServiceAccountKey } from './service-account-key.ts'
import { askTokenInfo } from './token-info.ts'
import { type CallTime, GivenToken, ImpersonatedTokens, KeyTokens, type Tokens, UnreadableKey } from './tokens.ts'

export interface SessionOptions {
  readonly purpose: 'TEST' | 'QUERY'
  /** How long tokens are needed for. */
  readonly lifetimeSeconds: number
}

/** One question to BigQuery. */
export interface BigqueryQuestion extends CallTime, Pick<HttpQuestion, 'method' | 'json' | 'maxBytes'> {
  /** Behind the version, from `/projects` on. */
  readonly path: string
  readonly query?: { readonly [name: string]: string | number | undefined }
  readonly use: TokenUse
  readonly subject: Subject
}

export type JsonRecord = { readonly [name: string]: unknown }

/** Google gives no longer lives to the tokens of service accounts. */
const maxLifetimeSeconds = 3_600
const minLifetimeSeconds = 600

/**
 * What one run shares: who asks, the ways to Google's endpoints, and the jobs that may still run there. BigQuery's REST API
 * is called as it is, and not by `@google-cloud/bigquery`: that client has no timeout (a call to a silent server never
 * ends), takes neither an agent nor a resolver, asks the machine's metadata server and environment for credentials, sends
 * everything to BIGQUERY_EMULATOR_HOST where that is set, gets tokens wherever a key file says, and tries again for minutes.
 */
export class BigquerySession {
  readonly config: BigqueryConfig
  readonly environment: RunEnvironment
  /** The ways that the run needs, in the plan's order. */
  readonly stages: Stages
  readonly tokens: Tokens
  readonly jobs: RunningJobs
  readonly #callers: HttpCaller[] = []
  readonly #bigquery: HttpCaller

  constructor(config: BigqueryConfig, environment: RunEnvironment, { purpose, lifetimeSeconds }: SessionOptions) {
    this.config = config
    this.environment = environment
    const seconds = Math.ceil(Math.min(maxLifetimeSeconds, Math.max(minLifetimeSeconds, lifetimeSeconds)))
    const tokens = this.way(endpoints.tokens)
    const bigquery = this.way(endpoints.bigquery)
    this.#bigquery = this.callerOf(bigquery)
    const { tokens: known, stages } = this.#signIn(tokens, seconds)
    this.tokens = known
    // Who has been given a token need not ask Google for one.
    this.stages = new Stages([...(purpose === 'QUERY' && config.auth.accessToken ? [] : stages), bigquery])
    this.jobs = new RunningJobs(this)
  }

  /** For what the run has been given on its way: nobody else knows that it is secret. */
  get scrub(): Scrubber {
    return createScrubber(this.tokens.secrets)
  }

  /** One call. Throws `HttpCallError`, and the signal's reason when that aborts. */
  async ask(question: BigqueryQuestion): Promise<JsonRecord> {
    const { signal } = question
    const until = performance.now() + question.budgetMs
    const time = () => ({ signal, budgetMs: Math.max(1, until - performance.now()) })
    const token = await this.tokens.get(question.use, time())
    try {
      return await this.#askWith(token.text, { ...question, ...time() })
    } catch (error) {
      // Nothing has been done that could be done twice.
      const isRefused = error instanceof GoogleCallError && error.refusal.status === 401
      if (!isRefused || !this.tokens.forget(token)) throw error
      const { text } = await this.tokens.get(question.use, time())
      return this.#askWith(text, { ...question, ...time() })
    }
  }

  /** An answer of BigQuery's that is not what was asked for. */
  violation(fault: string): HttpCallError {
    return this.#bigquery.violation(fault)
  }

  /** The way to one of Google's endpoints. No field of the form decides where it is. */
  way(name: string): EndpointStage {
    const { network } = this.environment
    return endpointStage({
      endpoint: cloudEndpoint(name, network),
      network,
      connectBudgetMs: connectBudgetMs(this.config),
      ownAuthorities: { field: 'caCertificates', pem: this.config.caCertificates },
    })
  }

  /** It is closed with the session. */
  callerOf({ endpoint }: EndpointStage): HttpCaller {
    const caller = new HttpCaller({ endpoint, expected: 'Google API', fields: [] })
    this.#callers.push(caller)
    return caller
  }

  /** Stops what still runs, and frees everything. Takes less than two seconds; never rejects. */
  async close(): Promise<void> {
    await this.jobs.stopAll()
    for (const caller of this.#callers) caller.close()
    this.stages.close()
  }

  #signIn(way: EndpointStage, lifetimeSeconds: number): { readonly tokens: Tokens; readonly stages: readonly Stage[] } {
    const { config } = this
    const { accessToken, impersonate, serviceAccountKey } = config.auth
    const caller = this.callerOf(way)
    if (accessToken) {
      const given = new GivenToken(accessToken.token)
      const ask = async (time: CallTime) => {
        const { account, evidence } = await askTokenInfo(caller, accessToken.token, time)
        given.account = account
        return evidence
      }
      return { tokens: given, stages: [signInStage(way, ask)] }
    }
    const key = readServiceAccountKey((impersonate ?? serviceAccountKey).json)
    if (typeof key === 'string') {
      const tokens = new UnreadableKey(key, config)
      return { tokens, stages: [signInStage(way, () => tokens.get().then(() => []))] }
    }
    const own = new KeyTokens({ config, key, caller, lifetimeSeconds })
    const keyStage = signInStage(way, async time => {
      await (impersonate ? own.forImpersonation(time) : own.get('READ', time))
      return keyEvidence(key)
    })
    if (!impersonate) return { tokens: own, stages: [keyStage] }
    const { targetServiceAccount: target } = impersonate
    const credentials = this.way(endpoints.credentials)
    const asked = { config, source: own, target, lifetimeSeconds, caller: this.callerOf(credentials) }
    const tokens = new ImpersonatedTokens(asked)
    const targetStage = signInStage(credentials, async time => {
      await tokens.get('READ', time)
      return [measuredText('Account', target), measuredText('Impersonated by', key.account)]
    })
    return { tokens, stages: [keyStage, targetStage] }
  }

  async #askWith(token: string, { path, query = {}, subject, use, ...question }: BigqueryQuestion) {
    const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
    const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`
    const answer = await this.#bigquery.ask({
      ...question,
      path: `/bigquery/v2${path}${search}`,
      headers: { authorization: `Bearer ${token}` },
    })
    if (answer.status !== 200) {
      const refusal = readRefusal(answer)
      const place = { config: this.config, service: endpoints.bigquery, subject, scope: scopeOf[use] }
      throw new GoogleCallError(classifyRefusal(refusal, place), refusal)
    }
    if (!isRecord(answer.json)) throw this.violation('its answer is no object')
    return answer.json
  }
}

const keyEvidence = ({ account, keyId, project }: ServiceAccountKey): Evidence[] => [
  measuredText('Account', account),
  measuredText('Key id', keyId),
  ...(project === null ? [] : [measuredText('Project of the account', project)]),
]

/** The way to an endpoint, and what is asked there to know who asks; it answers its evidence. */
function signInStage(way: EndpointStage, ask: (time: CallTime) => Promise<readonly Evidence[]>): Stage {
  const signIn = async ({ signal, budgetMs }: StageContext): Promise<StepReport> => {
    try {
      return passed(await ask({ signal, budgetMs: callsMs(budgetMs) }))
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof HttpCallError)) throw error
      // Its time is the step's, but for the little that is needed to tell.
      return error.problem.code === 'CLOUD_TIMED_OUT' ? failed(way.timedOut('SIGN_IN', budgetMs / 1_000)) : error.report
    }
  }
  return { ...way, steps: { ...way.steps, SIGN_IN: signIn } }
}
