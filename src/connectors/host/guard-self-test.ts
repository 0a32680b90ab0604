import dgram from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type net from 'node:net'
import { Server, Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { giveBlockList, plainConnect } from './socket-fence.ts'

/** Nothing is sent when the sandbox holds. When it does not, an attempt gets no further than this machine. */
const discard = { port: 9, autoSelectFamily: true }
const probeMs = 1_000

const bothFamilies = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]
const lookup = (_host: string, _options: object, callback: (error: null, addresses: typeof bothFamilies) => void) =>
  callback(null, bothFamilies)
const name = { host: 'guard.invalid', lookup, ...discard }

interface Probe {
  readonly what: string
  /** Resolves with the code of the error that stopped it, or with null when nothing did. */
  readonly attempt: () => Promise<string | null>
  readonly expected: 'EGRESS_DENIED' | 'ERR_IP_BLOCKED' | 'ERR_ACCESS_DENIED'
}

const probes: readonly Probe[] = [
  dials('a connection to an IPv4 address', { host: '127.0.0.1', ...discard }),
  dials('a connection to an IPv6 address', { host: '::1', ...discard }),
  dials('a connection to a name', name),
  dials('a connection to a socket file', { path: '/patchbay/no-such-socket' }),
  asksBlockList('an address of a socket with a block list', { host: '127.0.0.1', ...discard }),
  asksBlockList('the addresses of a name of a socket with a block list', name),
  guarded('a datagram', () => dgram.createSocket('udp4').close()),
  guarded('a listening socket', () => {
    const server = new Server()
    server.listen(0, '127.0.0.1')
    server.close()
  }),
  guarded('a signal', () => process.kill(process.pid, 0)),
  // Permission is asked for first. Where it is had, there is nothing to start, and nothing to tell in what is read.
  // An import of these two modules takes a child milliseconds more of its start.
  withheld('a process', () => {
    const { spawn } = process.getBuiltinModule('node:child_process')
    spawn('/patchbay/no-such-program', { stdio: 'ignore' }).on('error', () => {})
  }),
  withheld('a worker thread', () => {
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    new Worker('', { eval: true, execArgv: ['--no-such-option'] })
  }),
  withheld('a read outside of the code', () => readFileSync('/proc/self/environ')),
]

/**
 * Tries what the network guard and Node's permissions must stop, without sending or starting anything, while no job
 * runs. Answers null when all of it was stopped, otherwise what was not.
 */
export async function findGuardGap(): Promise<string | null> {
  // Whatever else this process does at its start has been done by then.
  await nextTurn()
  for (const { what, attempt, expected } of probes) {
    const code = await attempt()
    if (code !== expected) return `${what} was not stopped (${code ?? 'no error'})`
  }
  return null
}

// The types of `connect` know no lookup that answers at once.
function dials(what: string, options: object): Probe {
  const attempt = () => fateOf(new Socket().connect(options as net.NetConnectOpts))
  return { what, attempt, expected: 'EGRESS_DENIED' }
}

function asksBlockList(what: string, options: object): Probe {
  const attempt = () => {
    const socket = new Socket()
    giveBlockList(socket, () => false)
    return fateOf(plainConnect.call(socket, options))
  }
  return { what, attempt, expected: 'ERR_IP_BLOCKED' }
}

/** What the network guard takes away. */
function guarded(what: string, action: () => void): Probe {
  return calls(what, action, 'EGRESS_DENIED')
}

/** What Node gives no permission for: see `childFlags`. */
function withheld(what: string, action: () => void): Probe {
  return calls(what, action, 'ERR_ACCESS_DENIED')
}

function calls(what: string, action: () => void, expected: Probe['expected']): Probe {
  const attempt = async () => {
    try {
      action()
      return null
    } catch (error) {
      return codeOf(error)
    }
  }
  return { what, attempt, expected }
}

async function fateOf(socket: Socket): Promise<string | null> {
  const signal = AbortSignal.timeout(probeMs)
  try {
    await once(socket, 'connect', { signal })
    return null
  } catch (error) {
    return codeOf(error)
  } finally {
    socket.destroy()
  }
}

/** Of the first error that has one: a name's attempts fail together. */
function codeOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [error]
  const { code } = first as { code?: unknown }
  return typeof code === 'string' ? code : 'an unknown error'
}
