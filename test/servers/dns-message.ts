import { isIPv4 } from 'node:net'

export interface DnsQuestion {
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'SRV' | 'TXT'
  /** Where the question ends in the query. */
  readonly end: number
}

/** RFC 1035 section 4.1.2: the name as length-prefixed labels, then type and class. */
export function readQuestion(query: Buffer): DnsQuestion {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return {
    name: labels.join('.').toLowerCase(),
    type: questionTypes.find(type => types[type] === query.readUInt16BE(at + 1)) ?? 'A',
    end: at + 5,
  }
}

const types = { A: 1, CNAME: 5, TXT: 16, AAAA: 28, SRV: 33 } as const
const questionTypes = ['A', 'AAAA', 'SRV', 'TXT'] as const
const failures = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const

/** Where a service is to be had (RFC 2782). */
export interface DnsService {
  readonly host: string
  readonly port: number
  readonly priority?: number
  readonly weight?: number
}

export interface DnsReply {
  readonly failure?: keyof typeof failures
  /** All of one family: that of the question. */
  readonly addresses?: readonly string[]
  /** Aliases from the name asked for to the one that has the addresses. */
  readonly aliases?: readonly string[]
  readonly services?: readonly DnsService[]
  /** Each record as the strings that it is made of. */
  readonly texts?: readonly (readonly string[])[]
  readonly truncated?: boolean
}

/** A reply to `query`, with its question repeated. */
export function dnsReply(query: Buffer, reply: DnsReply): Buffer {
  const { failure, addresses = [], aliases = [], services = [], texts = [], truncated } = reply
  const { name, end } = readQuestion(query)
  const head = Buffer.from(query.subarray(0, end))
  head.writeUInt16BE(0x8180 | (truncated ? 0x0200 : 0) | (failure ? failures[failure] : 0), 2)
  head.writeUInt16BE(addresses.length + aliases.length + services.length + texts.length, 6)
  head.writeUInt32BE(0, 8)
  const owners = [name, ...aliases]
  const last = owners.at(-1) ?? name
  return Buffer.concat([
    head,
    ...aliases.map((alias, index) => record(owners[index] ?? name, types.CNAME, encodeName(alias))),
    ...addresses.map(address =>
      isIPv4(address)
        ? record(last, types.A, Buffer.from(address.split('.').map(Number)))
        : record(last, types.AAAA, ipv6Bytes(address)),
    ),
    ...services.map(service => record(last, types.SRV, encodeService(service))),
    ...texts.map(strings => record(last, types.TXT, Buffer.concat(strings.map(encodeString)))),
  ])
}

/** Class IN, not to be cached. */
function record(owner: string, type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10)
  fields.writeUInt16BE(type, 0)
  fields.writeUInt16BE(1, 2)
  fields.writeUInt16BE(data.length, 8)
  return Buffer.concat([encodeName(owner), fields, data])
}

function encodeService({ host, port, priority = 0, weight = 0 }: DnsService): Buffer {
  const numbers = Buffer.alloc(6)
  numbers.writeUInt16BE(priority, 0)
  numbers.writeUInt16BE(weight, 2)
  numbers.writeUInt16BE(port, 4)
  return Buffer.concat([numbers, encodeName(host)])
}

const encodeString = (text: string): Buffer =>
  Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map(label => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ])

function ipv6Bytes(address: string): Buffer {
  const [left = '', right = ''] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16)))
  const before = groups(left)
  const after = groups(right)
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return Buffer.from(all.flatMap(group => [group >> 8, group & 0xff]))
}
