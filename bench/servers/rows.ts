import { BSON, type Document, Long } from 'mongodb'
import { HostileMysql } from '../../test/servers/hostile-mysql.ts'
import { columnCount, columnDefinition, endOfRows, packets, textRow } from '../../test/servers/hostile-mysql-packets.ts'
import type { MysqlPeer } from '../../test/servers/hostile-mysql-peer.ts'
import { type Exchange, MongoDouble } from '../../test/servers/mongo-double.ts'
import { answerTo } from '../../test/servers/mongo-messages.ts'
import { S3Double } from '../../test/servers/s3-double.ts'
import { repeatedContent } from '../../test/servers/s3-objects.ts'
import { rowAccount, rowCount, rowText, s3Key, s3Objects } from '../row-shape.ts'

/**
 * A double in a process of its own that has the same row over and over, encoded before anybody asks for it: what is
 * measured is how fast rows are read. `mysql`, `mongodb` or `s3` is its argument; it writes its port.
 */

/** As many as numbers of packets before they begin again. */
const packetsAtOnce = 256

const rowsOf = (peer: MysqlPeer, count: number): Buffer =>
  packets(peer.sequence, ...Array.from({ length: count }, () => textRow([rowText])))

async function startMysql(): Promise<number> {
  const sendRows = async (peer: MysqlPeer) => {
    await peer.send(peer.frame(columnCount(1), columnDefinition({ name: 'line' }), endOfRows()))
    const many = rowsOf(peer, packetsAtOnce)
    for (let left = rowCount; left >= packetsAtOnce; left -= packetsAtOnce) await peer.send(many)
    const rest = Array.from({ length: rowCount % packetsAtOnce }, () => textRow([rowText]))
    return [...rest, endOfRows()]
  }
  const account = { ...rowAccount, plugin: 'mysql_native_password' }
  return (await HostileMysql.start({ account, at: { QUERY: sendRows } })).port
}

async function startMongodb(): Promise<number> {
  const cursorId = Long.fromNumber(7)
  const documents = (count: number): Document[] => Array.from({ length: count }, () => ({ line: rowText }))
  /** By what is asked for, how much and whether it is the last. */
  const known = new Map<string, Buffer>()
  const batch = (name: 'firstBatch' | 'nextBatch', count: number, isLast: boolean): Buffer => {
    const key = `${name} ${count} ${isLast}`
    const id = isLast ? Long.ZERO : cursorId
    const encoded =
      known.get(key) ??
      Buffer.from(BSON.serialize({ cursor: { [name]: documents(count), id, ns: 'bench.rows' }, ok: 1 }))
    known.set(key, encoded)
    return encoded
  }
  let left = 0
  const give = ({ request }: Exchange): Buffer | undefined => {
    if (!request) return undefined
    const first = request.name === 'find'
    if (first) left = rowCount
    const count = Math.min(left, Number(request.command['batchSize'] ?? 101))
    left -= count
    return answerTo(request, batch(first ? 'firstBatch' : 'nextBatch', count, left === 0))
  }
  return (await MongoDouble.start({ at: { find: give, getMore: give } })).port
}

async function startS3(): Promise<number> {
  const double = await S3Double.start({ keys: { [s3Key.accessKeyId]: { secret: s3Key.secretAccessKey } } })
  for (const { key, head, line } of Object.values(s3Objects)) {
    double.objects.put(key, repeatedContent(line, head.length + rowCount * Buffer.byteLength(line), head))
  }
  return double.port
}

const starts: Readonly<Record<string, () => Promise<number>>> = {
  mysql: startMysql,
  mongodb: startMongodb,
  s3: startS3,
}
const [, , kind = ''] = process.argv
const start = starts[kind]
if (!start) throw new Error(`There are no rows of "${kind}".`)
console.log(await start())
