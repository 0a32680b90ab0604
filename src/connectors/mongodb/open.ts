import type { StepKey, StepReport } from '../connection-test.ts'
import { failed, type NetworkSettings, passed, type StepContext } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { passSteps } from '../session/pass-steps.ts'
import { stepTimedOut } from '../session/step-timed-out.ts'
import { unencryptedReport } from '../session/unencrypted-report.ts'
import { type Outcome, runForAll, summedUp, survivors } from './across-servers.ts'
import { credentialsOf } from './credentials.ts'
import type { Circumstances, Phase } from './error-rules.ts'
import type { MongodbConfig } from './form.ts'
import { openingPlan } from './plan.ts'
import { classifyError } from './problems.ts'
import { findSeeds, type TxtOptions } from './seeds.ts'
import type { ServerProbe } from './server-probe.ts'
import { type Purpose, Session } from './session.ts'
import { findServer } from './topology.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>

export type OpeningStep = 'RESOLVE' | 'EGRESS' | 'CONNECT' | 'SECURE' | 'GREET' | 'TOPOLOGY' | 'SIGN_IN'

const closeGraceMs = 500

export interface OpeningOptions {
  readonly network: NetworkSettings
  /** A test looks at every member that servers name, a query at as many as it needs. A test signs in once. */
  readonly purpose: Purpose
}

/**
 * Finds the servers, looks at each without credentials, and opens one session of the driver on the one to read from.
 * Tests and queries go the same way. Each step relies on the ones before it having passed.
 */
export class MongodbOpening {
  readonly #config: MongodbConfig
  readonly #options: OpeningOptions
  /** Every server that was looked at, for closing. */
  readonly #probes: ServerProbe[] = []
  /** Those with which the next step goes on. */
  #live: readonly ServerProbe[] = []
  #txt: TxtOptions = {}
  #server: ServerProbe | null = null
  #session: Session | null = null

  constructor(config: MongodbConfig, options: OpeningOptions) {
    this.#config = config
    this.#options = options
  }

  /** The server to read from. Throws before TOPOLOGY has passed. */
  get server(): ServerProbe {
    if (!this.#server) throw new Error('TOPOLOGY has not passed.')
    return this.#server
  }

  /** The database of the account. The form's own word counts; its default is nobody's word. */
  get authSource(): string {
    const { auth, authSource } = this.#config
    if (auth.x509) return '$external'
    return authSource === defaultAuthSource ? (this.#txt.authSource ?? authSource) : authSource
  }

  /** The signed-in session. Throws before there is one. */
  get session(): Session {
    if (!this.#session) throw new Error('There is no session yet.')
    return this.#session
  }

  readonly steps: { readonly [K in OpeningStep]: (context: Context) => Promise<StepReport> } = {
    RESOLVE: context => this.#resolve(context),
    EGRESS: context => this.#checkEgress(context),
    CONNECT: context => this.#forEach('CONNECT', context),
    SECURE: context => this.#secure(context),
    GREET: context => this.#forEach('GREET', context),
    TOPOLOGY: context => this.#findServer(context),
    SIGN_IN: context => this.#signIn(context),
  }

  /** Connects without a sign-in, for configurations that have none. Answers the problem, or null. */
  async openUnsigned({ signal }: Context): Promise<Problem | null> {
    if (this.#session) return null
    try {
      await this.#connectDriver(signal)
      return null
    } catch (error) {
      if (signal.aborted) throw error
      return this.classify(error, 'WORK')
    }
  }

  classify(error: unknown, phase: Phase): Problem {
    return classifyError(error, this.circumstances(phase))
  }

  circumstances(phase: Phase): Circumstances {
    const { endpoint, fields } = this.server
    return { phase, config: this.#config, server: endpoint, fields: [...new Set([fields.host, fields.port])] }
  }

  /** The problem of a step that used up its budget. */
  timedOut(key: StepKey, seconds: number): Problem {
    const [first] = this.#live.length > 0 ? this.#live : this.#probes
    if (first && isProbeStep(key)) return first.timedOut(key, seconds)
    const { srvHost: host } = this.#config
    if (key === 'RESOLVE') {
      return problem('NAME_RESOLUTION_TIMED_OUT', { params: { host: host ?? '?', seconds }, fields: ['srvHost'] })
    }
    const server = this.#server ?? first
    return stepTimedOut(key, seconds, server?.endpoint ?? { host: host ?? '?', port: 27_017 })
  }

  /** The way in for a query, within the plan's budgets. As `passSteps`. */
  openForQuery(signal: AbortSignal): Promise<Problem | null> {
    const open = async (context: Context) => {
      const blocked = await this.openUnsigned(context)
      return blocked ? failed(blocked) : passed()
    }
    return passSteps(
      openingPlan(this.#config).map(({ key, budgetMs }) => ({
        budgetMs,
        run: key === 'OPEN' ? open : this.steps[key as OpeningStep],
        timedOut: seconds => this.timedOut(key, seconds),
      })),
      signal,
    )
  }

  /** Leaves nothing behind; `busy` says that the server may still be working. */
  async close({ busy }: { readonly busy: boolean }): Promise<void> {
    for (const probe of this.#probes) probe.close()
    const session = this.#session
    if (!busy) await session?.close(closeGraceMs)
    // On a further connection, which signs in too. A test's own commands end by `maxTimeMS`, or when their client is gone.
    else if (this.#options.purpose === 'QUERY') await session?.cancel()
    session?.destroy()
  }

  async #resolve(context: Context): Promise<StepReport> {
    const seeds = await findSeeds(this.#config, this.#options.network, context)
    if (seeds.kind === 'FAILED') return seeds.report
    this.#probes.push(...seeds.probes)
    this.#live = seeds.probes
    this.#txt = seeds.options
    return this.#forEach('RESOLVE', { ...context, budgetMs: context.budgetMs / (this.#config.srvHost ? 2 : 1) })
  }

  /** A server of the form that may not be reached is the form's fault, whatever the others are. */
  async #checkEgress(context: Context): Promise<StepReport> {
    const outcomes = await this.#run('EGRESS', context)
    const denied = outcomes.filter(({ report }) => report.status === 'FAILED')
    if (denied.length > 0) {
      const fields = denied.flatMap(({ report }) => report.problem?.fields ?? [])
      return failed(problem('EGRESS_DENIED', { fields: [...new Set(fields)] }))
    }
    const report = summedUp(outcomes)
    return { ...report, evidence: [...this.#srvEvidence(), ...report.evidence] }
  }

  #srvEvidence(): Evidence[] {
    if (this.#config.srvHost === undefined) return []
    const servers = this.#live.map(({ name }) => name).join(', ')
    const options = Object.entries(this.#txt).map(([name, value]) => `${name}=${value}`)
    return [
      { kind: 'TEXT', label: 'Servers of the SRV record', value: servers },
      ...(options.length > 0 ? [{ kind: 'TEXT', label: 'TXT record', value: options.join('&') } as const] : []),
    ]
  }

  async #secure(context: Context): Promise<StepReport> {
    const { allowUnencrypted } = this.#options.network.egress
    return this.#config.tls.mode === 'DISABLE' ? unencryptedReport(allowUnencrypted) : this.#forEach('SECURE', context)
  }

  async #findServer(context: Context): Promise<StepReport> {
    const { network, purpose } = this.#options
    const replicaSet = this.#config.replicaSet ?? this.#txt.replicaSet ?? null
    const { report, chosen } = await findServer(
      this.#live,
      {
        config: this.#config,
        network,
        replicaSet,
        thorough: purpose === 'TEST',
        opened: probe => this.#probes.push(probe),
      },
      context,
    )
    this.#server = chosen
    // Whatever it comes to: the driver has connections of its own.
    for (const probe of this.#probes) probe.close()
    return report
  }

  async #signIn({ signal }: Context): Promise<StepReport> {
    try {
      const session = await this.#connectDriver(signal)
      const { username } = credentialsOf(this.#config)
      return passed([
        measuredText('Signed in as', username),
        measuredText('Sign-in method', session.signInMethod ?? '?'),
      ])
    } catch (error) {
      if (signal.aborted) throw error
      return failed(this.classify(error, 'SIGN_IN'))
    }
  }

  async #connectDriver(signal: AbortSignal): Promise<Session> {
    this.#session = await Session.open({
      config: this.#config,
      server: this.server,
      authSource: this.authSource,
      purpose: this.#options.purpose,
      signal,
    })
    return this.#session
  }

  async #forEach(key: ProbeStep, context: Context): Promise<StepReport> {
    return summedUp(await this.#run(key, context))
  }

  async #run(key: ProbeStep, context: Context): Promise<readonly Outcome[]> {
    const outcomes = await runForAll(this.#live, key, context)
    const left = survivors(outcomes)
    // A step that has failed is the last one: whom it was about is still to be named.
    if (left.length > 0) this.#live = left
    return outcomes
  }
}

const defaultAuthSource = 'admin'

type ProbeStep = keyof ServerProbe['steps']

const isProbeStep = (key: StepKey): key is ProbeStep =>
  ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'GREET'].includes(key)
