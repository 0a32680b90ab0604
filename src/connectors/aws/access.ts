import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { type EndpointStage, endpointStage } from '../cloud/endpoint-stage.ts'
import { callsMs, type Stage, type StageContext } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { type NetworkSettings, passed } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { problem } from '../problem.ts'
import { plainWords } from './account-noise.ts'
import { assumeRole, identityMissing, roleProblem, roleSubject } from './assume-role.ts'
import type { AwsEndpoint } from './endpoint.ts'
import { awsEndpoint } from './endpoint.ts'
import { type AwsKeys, keysOf, type OperatorAws } from './identity.ts'
import type { PolicyStatement } from './policy.ts'
import { type AwsFormPlace, requireText } from './problems.ts'
import { AwsCallError, AwsService } from './service.ts'

export interface AwsAccessOptions {
  readonly place: AwsFormPlace
  readonly region: string
  /** All that a role's session may do, however much the role may. Keys as typed may what their owner may. */
  readonly allowed: readonly PolicyStatement[]
  /** How long a role's session is needed for; AWS gives none under 900 and over 3600. */
  readonly sessionSeconds: number
  readonly network: NetworkSettings
  readonly operatorAws: OperatorAws | undefined
  readonly connectBudgetMs?: number
}

/** Whom AWS knows the keys as. */
export interface AwsIdentity {
  /** `arn:aws:iam::111122223333:user/ann`, `arn:aws:sts::111122223333:assumed-role/patchbay/patchbay`. */
  readonly arn: string
  readonly account: string
}

/**
 * Who asks AWS in one run: the keys of the form, or those of its role, which are got by Patchbay's own identity. Its stages
 * are the way to STS.
 */
export class AwsAccess {
  readonly #options: AwsAccessOptions
  readonly #way: EndpointStage<AwsEndpoint>
  /** Signs by the operator's identity, and by the run's own keys. */
  readonly #asOperator: AwsService<STSClient>
  readonly #asRun: AwsService<STSClient>
  #keys: AwsKeys | null
  #identity: AwsIdentity | null = null
  readonly #secrets: string[] = []

  constructor(options: AwsAccessOptions) {
    const { place, region, network, operatorAws, connectBudgetMs } = options
    const { accessKey } = place.credentials
    this.#options = options
    this.#keys = accessKey ? keysOf(accessKey) : null
    this.#way = endpointStage({
      endpoint: awsEndpoint('sts', region, network),
      field: place.regionPath,
      network,
      ...(connectBudgetMs !== undefined && { connectBudgetMs }),
    })
    const service = (keys: () => AwsKeys) =>
      new AwsService({ endpoint: this.#way.endpoint, place, keys, make: settings => new STSClient(settings) })
    this.#asOperator = service(() => {
      const identity = operatorAws?.identity
      if (!identity) throw new AwsCallError(identityMissing(place), '', null)
      return identity
    })
    this.#asRun = service(() => this.keys)
  }

  /** For a test: the way to STS, the role where there is one, and whom the keys belong to. */
  get stage(): Stage {
    return this.#stageWith(async (signal, remainingMs) => {
      const role = this.#assumesRole ? await this.#assume(this.#options.allowed, signal, remainingMs()) : []
      const identity = await this.#askWho(signal, remainingMs())
      this.#identity = identity
      return passed([...role, measuredText('Identity', plainWords(identity.arn))])
    })
  }

  /** For a query: about keys as typed nobody is asked. */
  get queryStages(): readonly Stage[] {
    if (!this.#assumesRole) return []
    const { allowed } = this.#options
    return [this.#stageWith(async (signal, remainingMs) => passed(await this.#assume(allowed, signal, remainingMs())))]
  }

  /** With what requests are signed. Throws before the role has been assumed. */
  get keys(): AwsKeys {
    if (!this.#keys) throw new Error('No role has been assumed.')
    return this.#keys
  }

  /** As STS has told; null before, and in queries, which do not ask. */
  get identity(): AwsIdentity | null {
    return this.#identity
  }

  /** What the run was given on its way: nobody else knows that it is secret. */
  get secrets(): readonly string[] {
    return this.#secrets
  }

  /**
   * Assumes the role once more, in a session that may do this instead; keys as typed stay as they are. Throws
   * `AwsCallError`, and the signal's reason when that aborts.
   */
  async allow(allowed: readonly PolicyStatement[], signal: AbortSignal, budgetMs: number): Promise<void> {
    if (this.#assumesRole) await this.#assume(allowed, signal, budgetMs)
  }

  close(): void {
    this.#asOperator.close()
    this.#asRun.close()
    this.#way.close()
  }

  /** The role may be assumed once more when its stage is over. */
  #hangUp(): void {
    this.#asOperator.hangUp()
    this.#asRun.hangUp()
    this.#way.close()
  }

  get #assumesRole(): boolean {
    return this.#options.place.credentials.assumeRole !== undefined
  }

  #stageWith(signIn: (signal: AbortSignal, remainingMs: () => number) => Promise<StepReport>): Stage {
    const SIGN_IN = async ({ signal, budgetMs }: StageContext) => {
      const until = performance.now() + callsMs(budgetMs)
      try {
        return await signIn(signal, () => Math.max(1, until - performance.now()))
      } catch (error) {
        if (error instanceof AwsCallError) return toldOfStep(error.report, budgetMs)
        throw error
      }
    }
    return { ...this.#way, steps: { ...this.#way.steps, SIGN_IN }, close: () => this.#hangUp() }
  }

  async #assume(
    allowed: readonly PolicyStatement[],
    signal: AbortSignal,
    budgetMs: number,
  ): Promise<readonly Evidence[]> {
    const { place, sessionSeconds, operatorAws } = this.#options
    const roleArn = place.credentials.assumeRole?.roleArn ?? ''
    try {
      const { keys, evidence } = await this.#asOperator.ask(
        { action: 'sts:AssumeRole', subject: roleSubject(roleArn, place), signal, budgetMs },
        (client, options) => assumeRole(client, { roleArn, allowed, sessionSeconds, operatorAws }, options),
      )
      this.#keys = keys
      this.#secrets.push(...Object.values(keys))
      return evidence
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error
      const problem = roleProblem(error.problem, { place, roleArn, operatorAws })
      throw new AwsCallError({ ...error.report, problem }, error.awsName, error)
    }
  }

  #askWho(signal: AbortSignal, budgetMs: number): Promise<AwsIdentity> {
    const { place } = this.#options
    const subject = { what: 'identity', name: 'of the keys', field: place.credentialsPath }
    return this.#asRun.ask(
      { action: 'sts:GetCallerIdentity', subject, signal, budgetMs },
      async (client, options): Promise<AwsIdentity> => {
        const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}), options)
        return { arn: requireText(Arn, 'identity'), account: requireText(Account, 'account') }
      },
    )
  }
}

/** A call that had all of the step's time is told to have had it, though the step has kept a little for itself. */
function toldOfStep(report: AwsCallError['report'], budgetMs: number): StepReport {
  const { code, params, fields, detail } = report.problem
  if (code !== 'CLOUD_TIMED_OUT') return report
  const seconds = Math.round(budgetMs / 100) / 10
  return { ...report, problem: problem(code, { params: { ...params, seconds }, fields, detail }) }
}
