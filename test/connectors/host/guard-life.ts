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
// Its name is still being looked up when the job ends, and found when the next one runs.
const found = Promise.withResolvers<(error: null, address: string, family: number) => void>()
const lookup = (_host: string, _options: object, callback: (error: null, address: string, family: number) => void) =>
  found.resolve(callback)
const late = connect({ host: 'late.test', port, lookup, autoSelectFamily: false })
const lateFate = Promise.race([fateOf(late), once(late, 'close').then(() => 'closed')])
const answer = await found.promise
guard.enforce(null)
const after = await fateOf(dial())
guard.enforce({ allows: () => true, nameServers: [], maxBytesPerSocket: 2 ** 20 })
answer(null, '127.0.0.1', 4)
const connectingSocketAfterwards = await lateFate

guard.enforce(null)
process.stdout.write(
  JSON.stringify({
    before,
    during,
    openSocketAfterwards: await closed,
    connectingSocketAfterwards,
    after,
  }),
)
