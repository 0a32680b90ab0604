import { clientCredentialsToken } from '../cloud/client-credentials.ts'
import { type EndpointStage, endpointStage } from '../cloud/endpoint-stage.ts'
import { HttpCallError, HttpCaller, type RawAnswer } from '../cloud/http-caller.ts'
import { budgetOf, inAll } from '../cloud/remaining.ts'
import { callsMs, type Stage, type StageContext, Stages } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, type RunEnvironment } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { isRecord } from '../form-tree-walk.ts'
import type { JsonValue } from '../json.ts'
import { problem } from '../problem.ts'
import { createScrubber, type Scrubber } from '../scrub/scrubber.ts'
import { connectBudgetMs } from './budgets.ts'
import type { DatabricksConfig } from './form.ts'
import { cloudOf, isWorkspaceHost, workspaceEndpoint } from './host.ts'
import { type Compute, readHttpPath } from './http-path.ts'
import { type Identity, identityEvidence, readIdentity } from './identity.ts'
import type { Place } from './meanings.ts'
import { type About, DatabricksError, explainRefusal, isTokenRefusal, type Refused, signInProblem } from './problems.ts'
import { foundInstead, type JsonRecord, jsonOf, refusalOf } from './raw-answers.ts'
import { type ThriftMethod, type ThriftReply, type ThriftRequest, thriftCall } from './thrift.ts'

/** A page of a result, with room for rows that are large. */
export const maxThriftBytes = 32 * 1_048_576
/** Lists of tables are long. */
const maxRestBytes = 8 * 1_048_576

export interface SessionOptions {
  readonly purpose: 'TEST' | 'QUERY'
  /** As of `Place`. */
  readonly statementFields?: readonly string[]
}

export interface CallBudget {
  readonly signal: AbortSignal
  readonly budgetMs: number
}

export interface RestQuestion extends CallBudget {
  readonly method?: 'GET' | 'POST'
  /** With its query, from the slash on. */
  readonly path: string
  readonly json?: JsonValue
  readonly about: About
}

/** What one run shares: the way to the workspace, who asks, and how it is asked. */
export class Workspace implements Place {
  readonly config: DatabricksConfig
  readonly environment: RunEnvironment
  readonly statementFields: readonly string[]
  readonly compute: Compute
  readonly stages: Stages
  readonly #purpose: SessionOptions['purpose']
  readonly #way: EndpointStage
  readonly #caller: HttpCaller
  /** Tokens that have been handed out to us on the way. */
  readonly #issued: string[] = []
  #token: string | null
  #renewal: Promise<void> | null = null
  /** A token that is refused before that is none that has ended: signing in is attempted once. */
  #isSignedIn = false
  #identity: Identity | null = null
  #id: string | null = null

  constructor(
    config: DatabricksConfig,
    environment: RunEnvironment,
    { purpose, statementFields = [] }: SessionOptions,
  ) {
    const { network } = environment
    const { host, httpPath, caCertificates, auth } = config
    const compute = readHttpPath(httpPath)
    if (!compute) throw new Error('The form lets no such path through.')
    this.config = config
    this.environment = environment
    this.statementFields = statementFields
    this.compute = compute
    this.#purpose = purpose
    this.#token = auth.accessToken?.token ?? null
    this.#way = endpointStage({
      endpoint: workspaceEndpoint(host, network),
      field: 'host',
      network,
      ownAuthorities: { field: 'caCertificates', pem: caCertificates },
      connectBudgetMs: connectBudgetMs(config),
    })
    this.#caller = new HttpCaller({ endpoint: this.#way.endpoint, expected: 'Databricks', fields: ['host'] })
    this.stages = new Stages([this.#stage()])
  }

  /** Who asks; null where that was not asked, or was not told. */
  get identity(): Identity | null {
    return this.#identity
  }

  /** The number of the workspace, as its answers have it; null before the first. */
  get id(): string | null {
    return this.#id
  }

  /** For what the run has been given on its way: nobody else knows that it is secret. */
  get scrub(): Scrubber {
    return createScrubber(this.#issued)
  }

  /** Asks the REST API. Throws `DatabricksError` and `HttpCallError`, and the signal's reason when that aborts. */
  async rest({ method = 'GET', path, json, about, signal, budgetMs }: RestQuestion): Promise<JsonRecord> {
    const answer = await this.#authorized({ signal, budgetMs }, about, authorization =>
      this.#caller.exchange({
        method,
        path,
        headers: { authorization },
        ...(json !== undefined && { json }),
        signal,
        budgetMs,
        maxBytes: maxRestBytes,
      }),
    )
    const said = jsonOf(answer)
    if (isRecord(said)) return said
    if (answer.body.length === 0) return {}
    throw this.#caller.foreign(foundInstead(answer), answer.status)
  }

  /** Makes a call of SQL's. Throws as `rest`. What the answer says of how it went is the caller's to look at. */
  async thrift<M extends ThriftMethod>(
    method: M,
    request: ThriftRequest<M>,
    { about, signal, budgetMs }: CallBudget & { readonly about: About },
  ): Promise<ThriftReply<M>> {
    const call = thriftCall(method, request)
    const answer = await this.#authorized({ signal, budgetMs }, about, authorization =>
      this.#caller.exchange({
        method: 'POST',
        path: this.compute.path,
        headers: { authorization, accept: 'application/x-thrift' },
        bytes: { type: 'application/x-thrift', data: call.message },
        signal,
        budgetMs,
        maxBytes: maxThriftBytes,
      }),
    )
    try {
      return call.reply(answer.body)
    } catch (error) {
      if (/^\s*</.test(answer.body.toString('latin1', 0, 64)))
        throw this.#caller.foreign(foundInstead(answer), answer.status)
      throw this.#caller.violation('its answer is none to what was asked', error)
    }
  }

  /** An answer that is not what was asked for. `fault` completes "does not keep to the protocol: ". */
  violation(fault: string): HttpCallError {
    return this.#caller.violation(fault)
  }

  close(): void {
    this.#caller.close()
    this.#way.close()
  }

  /** Asks with the token, and once more with another one where that has ended and another can be had. */
  async #authorized(
    budget: CallBudget,
    about: About,
    ask: (authorization: string) => Promise<RawAnswer>,
  ): Promise<RawAnswer> {
    const used = this.#bearer
    const first = await ask(used)
    this.#id ??= /^\d{1,20}$/.exec(first.headers['x-databricks-org-id'] ?? '')?.[0] ?? null
    if (first.status === 200) return first
    const refused = refusalOf(first)
    const mayRenew = this.#isSignedIn && this.config.auth.oauthM2m !== undefined && isTokenRefusal(refused, this)
    if (!mayRenew || !(await this.#renewed(used, budget))) throw this.#refusal(first, refused, about)
    const second = await ask(this.#bearer)
    if (second.status === 200) return second
    throw this.#refusal(second, refusalOf(second), about)
  }

  #refusal(answer: RawAnswer, refused: Refused, about: About): DatabricksError | HttpCallError {
    // Servers in front of a service that is ill say so in words of their own.
    const isForeign = jsonOf(answer) === undefined && answer.body.length > 0 && refused.message === ''
    return isForeign && answer.status < 500 && answer.status !== 429
      ? this.#caller.foreign(foundInstead(answer), answer.status)
      : explainRefusal(refused, this, about)
  }

  get #bearer(): string {
    if (this.#token === null) throw new Error('SIGN_IN has not passed.')
    return `Bearer ${this.#token}`
  }

  /** Whether there is another token than `used`. One is asked for once in a run: a second that ends at once is a fault. */
  async #renewed(used: string, budget: CallBudget): Promise<boolean> {
    if (this.#bearer !== used) return true
    if (this.#renewal === null) this.#renewal = this.#askToken(budget).then(() => {})
    try {
      await this.#renewal
    } catch (error) {
      if (error instanceof HttpCallError) return false
      throw error
    }
    return this.#bearer !== used
  }

  async #askToken({ signal, budgetMs }: CallBudget): Promise<readonly Evidence[]> {
    const { oauthM2m } = this.config.auth
    if (!oauthM2m) return []
    const { token, evidence } = await clientCredentialsToken(this.#caller, {
      ...oauthM2m,
      path: '/oidc/v1/token',
      scope: 'all-apis',
      signal,
      budgetMs,
      fields: { clientId: 'auth.oauthM2m.clientId', clientSecret: 'auth.oauthM2m.clientSecret' },
    })
    this.#issued.push(token)
    this.#token = token
    return evidence
  }

  #stage(): Stage {
    const { steps, ...way } = this.#way
    return {
      ...way,
      steps: {
        ...steps,
        EGRESS: async context =>
          isWorkspaceHost(this.config.host, this.environment.network)
            ? steps.EGRESS(context)
            : failed(problem('CUSTOM_ENDPOINT_REFUSED', { fields: ['host'] })),
        SIGN_IN: context => this.#signIn(context),
      },
      close: () => this.close(),
    }
  }

  async #signIn({ signal, budgetMs }: StageContext): Promise<StepReport> {
    const remaining = { signal, until: performance.now() + callsMs(budgetMs) }
    const evidence: Evidence[] = []
    try {
      evidence.push(...(await this.#askToken(budgetOf(remaining, budgetMs))))
      const report =
        this.#purpose === 'QUERY' ? passed(evidence) : await this.#introduce(budgetOf(remaining, budgetMs), evidence)
      this.#isSignedIn = true
      return report
    } catch (error) {
      signal.throwIfAborted()
      const found =
        error instanceof HttpCallError
          ? signInProblem(error.problem, this.config)
          : error instanceof DatabricksError
            ? error.problem
            : null
      if (!found) throw error
      return failed(inAll(found, remaining, budgetMs / 1_000), evidence)
    }
  }

  /** The token is somebody's: who that is, where they may know it. */
  async #introduce(budget: CallBudget, evidence: Evidence[]): Promise<StepReport> {
    try {
      const answer = await this.rest({
        path: '/api/2.0/preview/scim/v2/Me',
        about: { action: 'to ask who asks' },
        ...budget,
      })
      this.#identity = readIdentity(answer)
      if (!this.#identity) throw this.#caller.violation('it does not say who asks')
    } catch (error) {
      // A personal token may be fenced in so that it cannot ask that. A service principal whom nobody knows is no member.
      // The same word comes with tokens and addresses that are not taken at all.
      const isFenced =
        error instanceof DatabricksError &&
        error.word === 'PERMISSION_DENIED' &&
        error.problem.code === 'CLOUD_ACCESS_DENIED'
      if (!isFenced || this.config.auth.oauthM2m) throw error
      return passed([...evidence, ...this.#whereabouts()], 'Who signs in was not told: the token may not ask that.')
    }
    return passed([...identityEvidence(this.#identity), ...this.#whereabouts(), ...evidence])
  }

  #whereabouts(): Evidence[] {
    const cloud = cloudOf(this.config.host)
    return [
      measuredText('Workspace', this.#id === null ? this.config.host : `${this.config.host} (${this.#id})`),
      ...(cloud === null ? [] : [measuredText('Cloud', cloud)]),
    ]
  }
}
