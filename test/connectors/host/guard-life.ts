import { once } from 'node:events'
import { connect } from 'node:net'
import { installNetworkGuard } from '../../../src/connectors/host/network-guard.ts'

/** Follows a guard through one job and prints what became of connections to a listener: run in a process of its own. */
const port = Number(process.argv[2])
const dial = () => connect({ host: '127.0.0.1', port })
const fateOf = async (socket: ReturnType<typeof dial>): Promise<string> => {
  try {
    await once(socket, 'connect')
    return 'connected'
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

const guard = installNetworkGuard()
const before = await fateOf(dial())

guard.enforce({ allows: () => true, nameServers: [], maxBytesPerSocket: 2 ** 20 })
const open = dial()
const during = await fateOf(open)
const closed = once(open, 'close').then(() => 'closed')
guard.enforce(null)

process.stdout.write(
  JSON.stringify({
    before,
    during,
    openSocketAfterwards: await closed,
    after: await fateOf(dial()),
  }),
)
