import { AthenaClient } from '@aws-sdk/client-athena'
import { AwsAccess } from '../aws/access.ts'
import type { AwsEndpoint } from '../aws/endpoint.ts'
import { awsEndpoint } from '../aws/endpoint.ts'
import type { AwsFormPlace } from '../aws/problems.ts'
import { AwsCallError, AwsService, type Question } from '../aws/service.ts'
import { type EndpointStage, endpointStage } from '../cloud/endpoint-stage.ts'
import { patiently } from '../cloud/patiently.ts'
import { Stages } from '../cloud/stages.ts'
import type { RunEnvironment } from '../define.ts'
import { createScrubber, type Scrubber } from '../scrub/scrubber.ts'
import type { AthenaConfig } from './form.ts'
import type { QueryPlace } from './meanings.ts'
import { browsingPolicy, readS3Place, sessionPolicy } from './policy.ts'
import { explainCall } from './problems.ts'
import { budgetOf, type Remaining, RunningQueries } from './running-queries.ts'

/** A page of a thousand rows may be large; more than this at once is asked for in smaller pages. */
const maxAnswerBytes = 32 * 1_048_576

export interface SessionOptions {
  readonly purpose: 'TEST' | 'QUERY' | 'BROWSE'
  /** How long a role's session is needed for. */
  readonly sessionSeconds: number
  /** As of `QueryPlace`. */
  readonly statementFields?: readonly string[]
}

/** One call, for the words in which its failure is told. `field`: the one that it is about. */
export type AthenaQuestion = Pick<Question, 'signal' | 'budgetMs'> & {
  /** Of Athena's: `GetWorkGroup`. */
  readonly action: string
  readonly field: 'workgroup' | 'catalog' | 'database'
}

export type ReadQuestion = Pick<AthenaQuestion, 'action' | 'field'> & Remaining & { readonly tries?: number }

type Send<T> = (client: AthenaClient, options: { abortSignal: AbortSignal }) => Promise<T>

/** What one run shares: who asks, the way to Athena, and the queries that may still run there. */
export class AthenaSession {
  readonly config: AthenaConfig
  readonly environment: RunEnvironment
  readonly place: AwsFormPlace
  readonly access: AwsAccess
  readonly queries: RunningQueries
  /** The ways to STS and to Athena, of which a query leaves out what it does not need. */
  readonly stages: Stages
  readonly #purpose: SessionOptions['purpose']
  readonly #statementFields: readonly string[]
  readonly #way: EndpointStage<AwsEndpoint>
  readonly #service: AwsService<AthenaClient>
  /** Where results are to go, as far as is known. */
  #location: string | null
  /** ARNs of those that a federated catalog is asked by. */
  #functions: readonly string[] = []
  #hasRenewed = false

  constructor(
    config: AthenaConfig,
    environment: RunEnvironment,
    { purpose, sessionSeconds, statementFields = [] }: SessionOptions,
  ) {
    const { network, operatorAws } = environment
    const { region, credentials } = config
    this.config = config
    this.environment = environment
    this.place = { credentials, credentialsPath: 'credentials', regionPath: 'region' }
    this.#purpose = purpose
    this.#statementFields = statementFields
    this.#location = config.outputLocation ?? null
    const connectBudgetMs = config.limits.connectTimeoutSeconds * 1_000
    this.access = new AwsAccess({
      place: this.place,
      region,
      allowed: this.#allowed,
      sessionSeconds,
      network,
      operatorAws,
      connectBudgetMs,
    })
    this.#way = endpointStage({
      endpoint: awsEndpoint('athena', region, network),
      field: 'region',
      network,
      connectBudgetMs,
    })
    this.#service = new AwsService({
      endpoint: this.#way.endpoint,
      place: this.place,
      keys: () => this.access.keys,
      make: settings => new AthenaClient(settings),
      maxAnswerBytes,
    })
    this.stages = new Stages([...(purpose === 'TEST' ? [this.access.stage] : this.access.queryStages), this.#way])
    this.queries = new RunningQueries(this)
  }

  get queryPlace(): QueryPlace {
    return { config: this.config, location: this.#location, statementFields: this.#statementFields }
  }

  /** For what the run has been given on its way: nobody else knows that it is secret. */
  get scrub(): Scrubber {
    return createScrubber(this.access.secrets)
  }

  /** One call. Throws `AwsCallError`, and the signal's reason when that aborts. */
  async ask<T>(question: AthenaQuestion, send: Send<T>): Promise<T> {
    try {
      return await this.#askOnce(question, send)
    } catch (error) {
      if (!(await this.#renewed(error, question))) throw error
      return this.#askOnce(question, send)
    }
  }

  /** One call that changes nothing, and so may be made again while Athena is only too busy. Throws as `ask`. */
  read<T>({ action, field, tries = 3, ...remaining }: ReadQuestion, send: Send<T>): Promise<T> {
    return patiently({ ...remaining, tries }, () => this.ask({ action, field, ...budgetOf(remaining) }, send))
  }

  /** What an answer comes to that is not what was asked for. */
  failure(error: unknown, about: Pick<AthenaQuestion, 'action' | 'field'>): AwsCallError {
    return this.#service.failure(error, { ...this.#told(about), budgetMs: 0 })
  }

  /** Lets a role's session write results where they go: null for nowhere. Throws as `ask`. */
  async writeTo(location: string | null, budget: Pick<Question, 'signal' | 'budgetMs'>): Promise<void> {
    if (location === this.#location) return
    this.#location = location
    await this.#assumeAgain(budget)
  }

  /** Lets a role's session ask the functions that a federated catalog is made of. Throws as `ask`. */
  async invoke(functions: readonly string[], budget: Pick<Question, 'signal' | 'budgetMs'>): Promise<void> {
    if (functions.length === 0) return
    this.#functions = functions
    await this.#assumeAgain(budget)
  }

  /** Stops what still runs, and frees everything. Takes less than two seconds; never rejects. */
  async close(): Promise<void> {
    await this.queries.stopAll()
    this.#service.close()
    this.#way.close()
    this.access.close()
  }

  async #askOnce<T>({ action, field, signal, budgetMs }: AthenaQuestion, send: Send<T>): Promise<T> {
    const told = this.#told({ action, field })
    try {
      return await this.#service.ask({ ...told, signal, budgetMs }, send)
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error
      throw explainCall(error, told.action, this.queryPlace)
    }
  }

  /** A role's session may end before a query does: another one is begun, once. Whether that has been done. */
  async #renewed(error: unknown, { signal, budgetMs }: AthenaQuestion): Promise<boolean> {
    const isExpired = error instanceof AwsCallError && error.problem.code === 'CLOUD_CREDENTIALS_EXPIRED'
    if (!isExpired || !this.config.credentials.assumeRole || this.#hasRenewed) return false
    this.#hasRenewed = true
    try {
      await this.#assumeAgain({ signal, budgetMs })
      return true
    } catch (refused) {
      if (refused instanceof AwsCallError) return false
      throw refused
    }
  }

  #told({ action, field }: Pick<AthenaQuestion, 'action' | 'field'>) {
    return { action: `athena:${action}`, subject: { what: field, name: this.config[field] ?? '', field } }
  }

  #assumeAgain({ signal, budgetMs }: Pick<Question, 'signal' | 'budgetMs'>): Promise<void> {
    return this.access.allow(this.#allowed, signal, budgetMs)
  }

  get #allowed() {
    const functions = this.#functions
    if (this.#purpose === 'BROWSE') return browsingPolicy(this.config, functions)
    const results = this.#location === null ? null : readS3Place(this.#location)
    return sessionPolicy(this.config, { results, functions, simulates: this.#purpose === 'TEST' })
  }
}
