import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createTcpServer, isIPv4, type Socket } from 'node:net'
import { type DnsQuestion, type DnsReply, type DnsService, dnsReply, readQuestion } from './dns-message.ts'

/** How a name server misbehaves about a name. */
export interface DnsBehaviour {
  /** Asked for by its own name or by that of the last alias. */
  readonly addresses?: readonly string[]
  /** Names that the name leads to, one after the other. */
  readonly aliases?: readonly string[]
  /** SRV records of the name. */
  readonly services?: readonly DnsService[]
  /** TXT records of the name, each as the strings that it is made of. */
  readonly texts?: readonly (readonly string[])[]
  readonly delayMs?: number
  /** Sends this first: an answer to another query, or to another question, that claims `127.0.0.66`. */
  readonly lie?: 'WRONG_ID' | 'WRONG_QUESTION'
  /** Says nothing after the lie. */
  readonly onlyLie?: boolean
  /** Over UDP the answer is cut off and says so: the rest is to be had over TCP. */
  readonly truncated?: boolean
  /** Says nothing to questions of this type. */
  readonly silentAbout?: DnsQuestion['type']
  /** Fails at questions of this type. */
  readonly failsAt?: DnsQuestion['type']
}

/** What the double says about a name: its addresses, a failure, or nothing at all. Unknown names do not exist. */
export type DnsAnswer = readonly string[] | 'SERVFAIL' | 'REFUSED' | 'SILENT' | DnsBehaviour

/** A function is asked anew for each question: names whose answers change. */
export type DnsNames = Readonly<Record<string, DnsAnswer | ((type: DnsQuestion['type']) => DnsAnswer)>>

/** A name server of our own on loopback, over UDP and TCP, for names that no real server has. */
export class DnsDouble implements AsyncDisposable {
  /** `ip:port`. */
  readonly address: string
  /** Every question, as `A name`, `AAAA name`, `SRV name` or `TXT name`; over TCP with ` (TCP)` behind it. */
  readonly questions: string[]
  readonly #close: () => Promise<void>

  private constructor(address: string, questions: string[], close: () => Promise<void>) {
    this.address = address
    this.questions = questions
    this.#close = close
  }

  /** `givenPort` 53 is the one that the machine's own resolver asks; by default one that is free. */
  static async start(names: DnsNames, givenPort = 0): Promise<DnsDouble> {
    const questions: string[] = []
    const timers = new Set<NodeJS.Timeout>()
    const sockets = new Set<Socket>()
    const later = (delayMs: number, send: () => void) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        send()
      }, delayMs)
      timers.add(timer)
    }
    const hear = (query: Buffer, overTcp: boolean, send: (reply: Buffer) => void) => {
      const question = readQuestion(query)
      questions.push(`${question.type} ${question.name}${overTcp ? ' (TCP)' : ''}`)
      const entry = Object.hasOwn(names, question.name) ? names[question.name] : undefined
      answer(query, question, typeof entry === 'function' ? entry(question.type) : entry, { overTcp, later, send })
    }

    const tcp = createTcpServer(socket => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
      let pending = Buffer.alloc(0)
      socket.on('data', chunk => {
        pending = Buffer.concat([pending, chunk])
        while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
          const query = pending.subarray(2, 2 + pending.readUInt16BE(0))
          pending = pending.subarray(2 + query.length)
          hear(query, true, reply => {
            const length = Buffer.alloc(2)
            length.writeUInt16BE(reply.length)
            socket.write(Buffer.concat([length, reply]))
          })
        }
      })
    }).listen(givenPort, '127.0.0.1')
    await once(tcp, 'listening')
    const { port } = tcp.address() as { port: number }
    const udp = createSocket('udp4')
    udp.on('message', (query, peer) => hear(query, false, reply => udp.send(reply, peer.port, peer.address)))
    udp.bind(port, '127.0.0.1')
    await once(udp, 'listening')
    const close = async () => {
      for (const timer of timers) clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
      udp.close()
      tcp.close()
      await Promise.all([once(udp, 'close'), once(tcp, 'close')])
    }
    return new DnsDouble(`127.0.0.1:${port}`, questions, close)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

interface Line {
  readonly overTcp: boolean
  readonly later: (delayMs: number, send: () => void) => void
  readonly send: (reply: Buffer) => void
}

function answer(
  query: Buffer,
  question: DnsQuestion,
  said: DnsAnswer | undefined,
  { overTcp, later, send }: Line,
): void {
  if (said === 'SILENT') return
  if (said === undefined || said === 'SERVFAIL' || said === 'REFUSED') {
    send(dnsReply(query, { failure: said ?? 'NXDOMAIN' }))
    return
  }
  const behaviour: DnsBehaviour = 'length' in said ? { addresses: said } : said
  if (behaviour.silentAbout === question.type) return
  if (behaviour.failsAt === question.type) {
    send(dnsReply(query, { failure: 'SERVFAIL' }))
    return
  }
  const known = recordsOf(behaviour, question.type)
  const aliases = behaviour.aliases ?? []
  later(behaviour.delayMs ?? 0, () => {
    if (behaviour.lie) {
      const lie = dnsReply(query, { addresses: question.type === 'A' ? ['127.0.0.66'] : ['::42'] })
      if (behaviour.lie === 'WRONG_ID') lie.writeUInt16BE(lie.readUInt16BE(0) ^ 0x5555, 0)
      // The first letter of the name in the question: the answer is about another name.
      else lie.writeUInt8(lie.readUInt8(13) ^ 0x01, 13)
      send(lie)
      if (behaviour.onlyLie) return
    }
    if (behaviour.truncated && !overTcp) send(dnsReply(query, { truncated: true }))
    else send(dnsReply(query, { ...known, aliases }))
  })
}

/** What a name has of the type that was asked for. */
function recordsOf({ addresses = [], services = [], texts = [] }: DnsBehaviour, type: DnsQuestion['type']): DnsReply {
  switch (type) {
    case 'A':
      return { addresses: addresses.filter(address => isIPv4(address)) }
    case 'AAAA':
      return { addresses: addresses.filter(address => !isIPv4(address)) }
    case 'SRV':
      return { services }
    case 'TXT':
      return { texts }
  }
}
