import type { StepKey } from '../../src/connectors/connection-test.ts'
import { silentServer } from '../servers/hostile-servers.ts'
import type { EnvironmentOptions } from '../servers/type-run.ts'
import { blackHole, silentName } from './silences.ts'
import type { FixtureServer } from './type-fixture.ts'

/** What says nothing in the place of a cloud's service. */
export interface SilentService extends AsyncDisposable {
  /** For the setting that leads a run to it. */
  readonly url: string
  readonly surroundings?: EnvironmentOptions
  readonly openConnections: number
  reached(): void | Promise<void>
}

/** Silent in a step of the network; null for every other step: there it is the service that has to be silent. */
export async function silentService(key: StepKey): Promise<SilentService | null> {
  switch (key) {
    case 'RESOLVE':
      return silentAddress(await silentName(at))
    case 'CONNECT':
      return silentAddress(await blackHole(at))
    case 'SECURE': {
      const server = await silentServer()
      return {
        url: `https://127.0.0.1:${server.port}`,
        get openConnections() {
          return server.openConnections
        },
        reached: () => {
          if (server.received.length === 0) throw new Error('Nobody has begun a handshake.')
        },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      }
    }
    default:
      return null
  }
}

const at = (host: string, port: number) => ({ host, port })

const silentAddress = ({ input, surroundings = {}, ...server }: FixtureServer): SilentService => ({
  url: `http://${String(input['host'])}:${String(input['port'])}`,
  surroundings,
  openConnections: 0,
  reached: () => server.reached(),
  [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
})
