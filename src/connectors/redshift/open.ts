import { Stages } from '../cloud/stages.ts'
import type { RunEnvironment } from '../define.ts'
import { PostgresProtocol } from '../postgres-protocol/postgres-protocol.ts'
import type { Session } from '../postgres-protocol/session.ts'
import { createScrubber, type Scrubber } from '../scrub/scrubber.ts'
import { type OpeningStep, ServerOpening } from '../session/server-opening.ts'
import { credentialsStages, type DatabasePassword } from './credentials-stage.ts'
import { wakingBudgetMs } from './deployment.ts'
import type { RedshiftConfig } from './form.ts'
import { classifyError, subjectOf } from './problems.ts'

/** The way to AWS for a password, where the form wants that, and the way to the database with it. */
export interface RedshiftOpening {
  readonly stages: Stages
  readonly database: ServerOpening<Session>
  /** Whom the database knows the session as. */
  readonly username: string
  /** For what the run has been given on its way: nobody else knows that it is secret. */
  readonly scrub: Scrubber
}

/** Prepares one session as the form wants it. `maxBytes`: what the server may send in the whole of it. */
export function openRedshift(config: RedshiftConfig, environment: RunEnvironment, maxBytes: number): RedshiftOpening {
  const { password, iam } = config.auth
  let given: DatabasePassword | null = password ?? null
  const secrets: string[] = []
  const stages = new Stages(
    iam
      ? credentialsStages(
          iam,
          config.database,
          environment,
          found => {
            given = found
          },
          found => secrets.push(...found),
        )
      : [],
  )
  const account = () => {
    if (!given) throw new Error('AWS has given out no password.')
    const { username, password } = given
    return { username, password: async () => password, hasPassword: true }
  }
  const username = () => given?.username
  const protocol = new PostgresProtocol({
    subject: subjectOf(config),
    account,
    classify: (error, phase) => classifyError(error, phase, config, username()),
    maxBytes,
  })
  return {
    stages,
    database: new WakingOpening(config, protocol, environment.network),
    get username() {
      return subjectOf(config, username()).username
    },
    get scrub() {
      return createScrubber(secrets)
    },
  }
}

/** A workgroup that had paused takes its time to let anybody in. */
class WakingOpening extends ServerOpening<Session> {
  readonly #waitsMs: (key: OpeningStep) => number | undefined

  constructor(config: RedshiftConfig, ...rest: [PostgresProtocol, RunEnvironment['network']]) {
    super(config, ...rest)
    this.#waitsMs = key => wakingBudgetMs(config, key)
  }

  override budgetMs(key: OpeningStep): number {
    return this.#waitsMs(key) ?? super.budgetMs(key)
  }
}
