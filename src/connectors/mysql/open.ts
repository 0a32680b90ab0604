import type { StepKey } from '../connection-test.ts'
import type { NetworkSettings } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import { ServerOpening } from '../session/server-opening.ts'
import type { MysqlConfig } from './form.ts'
import { MysqlProtocol } from './mysql-protocol.ts'
import type { Session } from './session.ts'

/** One session, opened as the form wants it. */
export class MysqlOpening extends ServerOpening<Session> {
  readonly #config: MysqlConfig

  /** `maxBytes`: what the server may send in the whole of it. */
  constructor(config: MysqlConfig, network: NetworkSettings, maxBytes: number) {
    super(config, new MysqlProtocol(config, maxBytes), network)
    this.#config = config
  }

  override timedOut(key: StepKey, seconds: number): Problem {
    const known = super.timedOut(key, seconds)
    if (known.code !== 'NO_GREETING') return known
    const { params, fields } = known
    const { port } = this.#config
    // Nearly every other database server waits for its client to begin.
    const detail = `No greeting came. MySQL servers speak first: what listens on port ${port} may be another kind of server.`
    return problem('NO_GREETING', { params, fields, detail })
  }
}
