import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { parse } from 'csv-parse'
import { MongoClient } from 'mongodb'
import { createConnection } from 'mysql2'
import pg from 'pg'
import Cursor from 'pg-cursor'
import type { ConnectorType } from '../src/connectors/define.ts'
import { mongodb } from '../src/connectors/mongodb/index.ts'
import { mysql } from '../src/connectors/mysql/index.ts'
import { postgres } from '../src/connectors/postgres/index.ts'
import { s3 } from '../src/connectors/s3/index.ts'
import { PostgresServer, superuser } from '../test/servers/postgres.ts'
import { rowAccount, rowCount, s3Key, s3Objects } from './row-shape.ts'

/** A server with rows, and two ways to them. */
export interface RowSource extends AsyncDisposable {
  readonly name: string
  readonly type: ConnectorType
  readonly port: number
  /** Input of the type's forms. */
  readonly config: (port: number) => unknown
  readonly query: unknown
  /** Reads all rows by the driver alone, in this process, and answers how many came. */
  readonly readRaw: () => Promise<number>
  /** Names the driver and how it is used. */
  readonly raw: string
  /** How often it is measured, where that takes long. */
  readonly rounds?: number
}

const host = '127.0.0.1'
const inClear = { tls: { mode: 'DISABLE' } }

async function startPostgres(name: string, sql: string): Promise<RowSource> {
  const server = await PostgresServer.start()
  const { port } = server
  const { username: user, password } = superuser
  return {
    name,
    type: postgres,
    port,
    config: at => ({ host, port: at, auth: { password: superuser }, ...inClear }),
    query: { sql: { text: sql } },
    raw: '`pg-cursor`',
    async readRaw() {
      const client = new pg.Client({ host, port, user, password, database: 'postgres', ssl: false })
      await client.connect()
      const cursor = client.query(new Cursor(sql, undefined, { rowMode: 'array' }))
      let read = 0
      for (;;) {
        const batch = await cursor.read(1_000)
        if (batch.length === 0) break
        read += batch.length
      }
      await client.end()
      return read
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** About 1,000 bytes too, of types as tables have them. */
const tenColumns = `
  select n, n::bigint * 1000003, n / 7.0, n % 2 = 0, timestamp '2026-01-01' + n * interval '1 second', md5(n::text)::uuid,
    null::text, 'name of the customer ' || n, repeat('é', 100), repeat('note, ', 90)
  from generate_series(1, ${rowCount}) as n`

async function startMysql(): Promise<RowSource> {
  const server = await startDouble('mysql')
  const { port } = server
  const { username: user, password } = rowAccount
  return {
    ...server,
    name: 'MySQL',
    type: mysql,
    config: at => ({ host, port: at, auth: { password: rowAccount }, ...inClear }),
    query: { sql: { text: 'SELECT line FROM lines' } },
    raw: '`mysql2`, row by row',
    async readRaw() {
      const connection = createConnection({ host, port, user, password })
      let read = 0
      const query = connection.query({ sql: 'SELECT line FROM lines', rowsAsArray: true })
      query.on('result', () => {
        read += 1
      })
      await once(query, 'end')
      connection.destroy()
      return read
    },
  }
}

async function startMongodb(): Promise<RowSource> {
  const server = await startDouble('mongodb')
  const { port } = server
  return {
    ...server,
    name: 'MongoDB',
    type: mongodb,
    config: at => ({ hosts: [{ host, port: at }], auth: { none: true }, ...inClear }),
    query: { database: 'bench', collection: 'rows', operation: { find: { filter: '{}' } } },
    raw: '`mongodb`, cursor of 1,000 documents',
    async readRaw() {
      const client = new MongoClient(`mongodb://${host}:${port}/?directConnection=true`)
      let read = 0
      for await (const _ of client.db('bench').collection('rows').find({}, { batchSize: 1_000 })) read += 1
      await client.close()
      return read
    },
  }
}

async function startS3(
  name: string,
  { key }: { readonly key: string },
  raw: string,
  count: (body: Readable) => Promise<number>,
): Promise<RowSource> {
  const server = await startDouble('s3')
  const { port } = server
  const region = 'eu-west-1'
  return {
    ...server,
    name,
    type: s3,
    config: at => ({ bucket: 'sales', region, endpoint: `http://${host}:${at}`, credentials: { accessKey: s3Key } }),
    query: { source: { key: { key } } },
    raw,
    rounds: 3,
    async readRaw() {
      const endpoint = `http://${host}:${port}`
      const client = new S3Client({ region, endpoint, credentials: { ...s3Key }, forcePathStyle: true })
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'sales', Key: key }))
      const read = await count(Body as Readable)
      client.destroy()
      return read
    },
  }
}

async function countCsv(body: Readable): Promise<number> {
  let read = -1
  for await (const _ of body.pipe(parse())) read += 1
  return read
}

async function countLines(body: Readable): Promise<number> {
  let read = 0
  for await (const line of createInterface({ input: body })) {
    JSON.parse(line)
    read += 1
  }
  return read
}

async function startDouble(kind: 'mysql' | 'mongodb' | 's3'): Promise<AsyncDisposable & { readonly port: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'servers', 'rows.ts'), kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    port: Number(line.toString()),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** PostgreSQL is real, with rows of one column and of ten; the others are doubles in processes of their own. */
export const rowSources: readonly (() => Promise<RowSource>)[] = [
  () => startPostgres('PostgreSQL', `select repeat('x', 1000) from generate_series(1, ${rowCount})`),
  () => startPostgres('PostgreSQL, ten columns', tenColumns),
  startMysql,
  startMongodb,
  () => startS3('S3, CSV of eight columns', s3Objects.csv, '`@aws-sdk/client-s3` and `csv-parse`', countCsv),
  () => startS3('S3, NDJSON', s3Objects.ndjson, '`@aws-sdk/client-s3`, `readline` and `JSON.parse`', countLines),
]
