import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'

/** What the double says about a name: its addresses, a failure, or nothing at all. Unknown names do not exist. */
export type DnsAnswer = readonly string[] | 'SERVFAIL' | 'SILENT'

/** A name server of our own on loopback, for names that no real server has. */
export class DnsDouble implements AsyncDisposable {
  /** `ip:port`. */
  readonly address: string
  /** Every question, as `A name` or `AAAA name`. */
  readonly questions: string[]
  readonly #close: () => Promise<void>

  private constructor(address: string, questions: string[], close: () => Promise<void>) {
    this.address = address
    this.questions = questions
    this.#close = close
  }

  static async start(names: Readonly<Record<string, DnsAnswer>>): Promise<DnsDouble> {
    const socket = createSocket('udp4')
    const questions: string[] = []
    socket.on('message', (query, peer) => {
      const { name, type } = readQuestion(query)
      questions.push(`${type === 28 ? 'AAAA' : 'A'} ${name}`)
      const answer = names[name]
      if (answer !== 'SILENT') socket.send(reply(query, type, answer), peer.port, peer.address)
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const close = async () => {
      socket.close()
      await once(socket, 'close')
    }
    return new DnsDouble(`127.0.0.1:${socket.address().port}`, questions, close)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

/** RFC 1035 section 4.1.2: the name as length-prefixed labels, then type and class. */
function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function reply(query: Buffer, type: number, answer: Exclude<DnsAnswer, 'SILENT'> | undefined): Buffer {
  const code = answer === undefined ? 3 : answer === 'SERVFAIL' ? 2 : 0
  const addresses = Array.isArray(answer)
    ? (answer as string[]).filter(address => isIPv4(address) === (type === 1))
    : []
  const head = Buffer.from(query.subarray(0, readQuestion(query).end))
  head.writeUInt16BE(0x8180 | code, 2)
  head.writeUInt16BE(addresses.length, 6)
  head.writeUInt32BE(0, 8)
  return Buffer.concat([head, ...addresses.map(address => record(type, address))])
}

function record(type: number, address: string): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
  const head = Buffer.alloc(12)
  // A pointer to the question's name, type, class IN, no caching.
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function ipv6Bytes(address: string): Buffer {
  const [left = '', right = ''] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16)))
  const before = groups(left)
  const after = groups(right)
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return Buffer.from(all.flatMap(group => [group >> 8, group & 0xff]))
}
