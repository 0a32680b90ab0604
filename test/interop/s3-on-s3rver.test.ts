import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryLimits, QueryOutcome } from '../../src/connectors/define.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { s3 } from '../../src/connectors/s3/index.ts'
import { proves } from '../proofs/proves.ts'
import { hostTypeQuery, realHost } from '../servers/type-host.ts'
import { type QueryOptions, type RunOptions, runTypeQuery, runTypeTest } from '../servers/type-run.ts'
import { PeakMemory } from './peak-memory.ts'
import { installPyarrow, pyarrowPython } from './pyarrow-install.ts'
import { installS3rver } from './s3rver-install.ts'
import { S3rverServer, s3rverKey } from './s3rver-server.ts'

const installation = await installS3rver()
const pyarrow = await installPyarrow()
if (installation.installed) describe('an S3 connector to another server than AWS, s3rver', onS3rver)
else it('an S3 connector to another server than AWS, s3rver', context => context.skip(installation.reason))

type Steps = Readonly<Record<string, { readonly status: string; readonly problem: { readonly code: string } | null }>>

function onS3rver(): void {
  let server: S3rverServer

  beforeAll(async () => {
    server = await S3rverServer.start()
    await server.addBucket('files')
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const inputFor = (bucket: string, change: object = {}) => ({
    bucket,
    region: 'eu-west-1',
    endpoint: server.url,
    credentials: { accessKey: s3rverKey },
    limits: { statementTimeoutSeconds: 600 },
    ...change,
  })
  // Steps of one key repeat, once for each endpoint.
  const test = async (bucket: string, change: object = {}, options: RunOptions = {}) =>
    (await runTypeTest(s3, inputFor(bucket, change), options)) as Steps
  const queryIn = (bucket: string, query: object, options: QueryOptions = {}) =>
    runTypeQuery(s3, inputFor(bucket), query, options)
  const glob = (pattern: string) => ({ source: { glob: { pattern } } })

  const atServer = (key: string) => `${key}:${new URL(server.url).host}`
  /** Beside the one with which a run signs in. */
  const listings = async (from: number) =>
    (await server.asked()).slice(from).filter(({ target }) => /list-type=2/.test(target) && !/max-keys=1&/.test(target))
  const askedSoFar = async () => (await server.asked()).length

  function expectFailure(steps: Steps, id: string, code: ProblemCode): void {
    expect(steps[id], JSON.stringify(steps)).toMatchObject({ status: 'FAILED', problem: { code } })
    proves('S3', code, 'PUBLIC_IMPLEMENTATION')
  }

  function rowsOf(outcome: QueryOutcome): readonly (readonly unknown[])[] {
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome))
    return outcome.result.rows
  }

  it('passes, and says what it cannot know', async () => {
    await server.addBucket('passing')
    await server.put('passing', 'orders.csv', file => writeFile(file, 'item\nlamp\n'))
    const steps = await test('passing')
    const statuses = Object.entries(steps).map(([id, { status, problem }]) => [id, status, problem?.code ?? null])
    expect(statuses).toEqual([
      [atServer('RESOLVE'), 'PASSED', null],
      [atServer('EGRESS'), 'PASSED', null],
      [atServer('CONNECT'), 'PASSED', null],
      [atServer('SECURE'), 'WARNING', 'CONNECTION_NOT_ENCRYPTED'],
      [atServer('SIGN_IN'), 'PASSED', null],
      ['OPEN', 'PASSED', null],
      ['READ', 'PASSED', null],
      ['LEAST_PRIVILEGE', 'SKIPPED', 'PRIVILEGES_UNKNOWN'],
    ])
    proves('S3', 'CONNECTION_NOT_ENCRYPTED', 'PUBLIC_IMPLEMENTATION')
    proves('S3', 'PRIVILEGES_UNKNOWN', 'PUBLIC_IMPLEMENTATION')
  })

  it('names an unknown key, a missing bucket, an empty one, and an operator who allows no such servers', async () => {
    const accessKey = { ...s3rverKey, accessKeyId: 'AKIAI44QH8DHBEXAMPLE' }
    expectFailure(
      await test('files', { credentials: { accessKey } }),
      atServer('SIGN_IN'),
      'CLOUD_CREDENTIALS_REJECTED',
    )
    expectFailure(await test('nowhere'), 'OPEN', 'CLOUD_RESOURCE_NOT_FOUND')
    await server.addBucket('empty')
    const empty = await test('empty')
    expect(empty['READ']).toMatchObject({ status: 'WARNING', problem: { code: 'NO_OBJECT_MATCHES' } })
    proves('S3', 'NO_OBJECT_MATCHES', 'PUBLIC_IMPLEMENTATION')
    const asked = await askedSoFar()
    const refused = await test('files', {}, { network: { customEndpoints: false } })
    expectFailure(refused, atServer('EGRESS'), 'CUSTOM_ENDPOINT_REFUSED')
    expect(await askedSoFar()).toBe(asked)
  })

  it('reads objects whose keys have spaces, plus signs, percent signs, wildcards and any script', async () => {
    const keys = [
      ' leading.csv',
      '"quoted".csv',
      '%2F %41.csv',
      '+.csv',
      'a b+c.csv',
      "it's (1)!.csv",
      'key=value/year=2026/a&b=c.csv',
      'q?a#b;c:d,e@f$g.csv',
      'tab\t.csv',
      'with*star?.csv',
      '~[x]{y}^`|.csv',
      'ärger.csv',
      'e\u0301 and \u00e9.csv',
      '日本/語 😀.csv',
    ]
    await server.addBucket('odd-keys')
    for (const [index, key] of keys.entries())
      await server.put('odd-keys', key, file => writeFile(file, `n\n${index}\n`))
    for (const [index, key] of keys.entries()) {
      const outcome = await queryIn('odd-keys', { source: { key: { key } } })
      expect(rowsOf(outcome), key).toEqual([[String(index)]])
    }
    const byBytes = (a: readonly unknown[], b: readonly unknown[]) =>
      Buffer.compare(Buffer.from(String(a[0])), Buffer.from(String(b[0])))
    expect(rowsOf(await queryIn('odd-keys', glob('**'))).toSorted(byBytes)).toEqual(
      keys.map((key, index) => [key, String(index)]).toSorted(byBytes),
    )
    expect(rowsOf(await queryIn('odd-keys', glob('with\\*star\\?.c*')))).toEqual([['with*star?.csv', '9']])
  })

  describe('with 100,000 objects', () => {
    const days = Array.from({ length: 100 }, (_, day) => `logs/day-${String(day).padStart(3, '0')}`)
    const keys = days.flatMap(day =>
      Array.from({ length: 1_000 }, (_, part) => `${day}/part-${String(part).padStart(4, '0')}.csv`),
    )
    const limits = { maxRows: 1_000, maxBytes: 1_048_576 }

    beforeAll(async () => {
      await server.addBucket('crowded')
      await server.putMany('crowded', keys, 'item\nlamp\n')
    })

    it('finds a few among them', async () => {
      const before = await askedSoFar()
      const outcome = await queryIn('crowded', glob('logs/*/part-0999.csv'), { limits })
      expect(rowsOf(outcome)).toEqual(days.map(day => [`${day}/part-0999.csv`, 'lamp']))
      expect(await listings(before)).toHaveLength(keys.length / 1_000)
    })

    it('lists no further than what it looks for can be', async () => {
      const before = await askedSoFar()
      const outcome = await queryIn('crowded', glob('logs/day-042/part-000?.csv'), { limits })
      expect(rowsOf(outcome)).toHaveLength(10)
      expect(await listings(before)).toHaveLength(1)
    })

    it('lists no further than rows are wanted, nor for a test', async () => {
      const before = await askedSoFar()
      const outcome = await queryIn('crowded', glob('logs/**'), { limits: { ...limits, maxRows: 20 } })
      expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
      expect(rowsOf(outcome)).toHaveLength(20)
      expect((await test('crowded'))['READ']?.status).toBe('PASSED')
      // For the dataset, and for READ.
      expect(await listings(before)).toHaveLength(2)
    })
  })

  /** Runs a query of one object in a process of its own; answers the most memory that this had, in MiB. */
  async function inProcess(key: string, columns: readonly string[], limits: QueryLimits) {
    const host = realHost()
    using memory = new PeakMemory()
    try {
      const query = { source: { key: { key } }, columns }
      const outcome = await hostTypeQuery(host, s3, inputFor('files'), query, { limits, deadlineMs: 250_000 })
      const peak = memory.mebibytes
      expect(peak).toBeGreaterThan(10)
      return { rows: rowsOf(outcome), peak }
    } finally {
      await host.close()
    }
  }

  const areNumbered = (rows: readonly (readonly unknown[])[]) => rows.every(([n], index) => Number(n) === index)

  describe('with an object of a gigabyte', () => {
    const gigabyte = 2 ** 30
    const lines: Readonly<Record<string, (n: number) => string>> = {
      csv: n => `${n},"${'a, ""quoted"" value\n'.repeat(200)}",${n % 7}\n`,
      ndjson: n => `{"n":${n},"text":"${'a, \\"quoted\\" value\\n'.repeat(200)}","m":${n % 7}}\n`,
    }

    /** The object, and how many rows it has. */
    async function putLarge(key: string, bytes: number): Promise<number> {
      const format = key.slice(key.lastIndexOf('.') + 1)
      const line = lines[format] ?? String
      let rows = 0
      function* content() {
        if (format === 'csv') yield 'n,text,m\n'
        for (let written = 0; written < bytes; ) {
          let text = ''
          while (text.length < 1_048_576) text += line(rows++)
          yield text
          written += text.length
        }
      }
      await server.put('files', key, file => pipeline(Readable.from(content()), createWriteStream(file)))
      return rows
    }

    /** Reads all rows; answers the most memory that this took. */
    async function peakOf(key: string, count: number): Promise<number> {
      const limits = { maxRows: count + 1, maxBytes: 64 * 1_048_576 }
      const { rows, peak } = await inProcess(key, ['n'], limits)
      expect(rows).toHaveLength(count)
      expect(areNumbered(rows)).toBe(true)
      return peak
    }

    it.each(Object.keys(lines))(
      'reads all of it, as %s, in as much memory as a small one',
      async format => {
        const small = await peakOf(`small.${format}`, await putLarge(`small.${format}`, gigabyte / 32))
        const large = await peakOf(`large.${format}`, await putLarge(`large.${format}`, gigabyte))
        expect(large).toBeLessThan(small + 64)
      },
      300_000,
    )
  })
  describe('with a large Parquet file', () => {
    const bytes = 2 ** 28
    let rows = 0

    beforeAll(async () => {
      if (!pyarrow.installed) return
      await server.put('files', 'large.parquet', async file => {
        const script = join(import.meta.dirname, 'write-large-parquet.py')
        const { stdout } = await promisify(execFile)(pyarrowPython, [script, file, String(bytes)], { env: {} })
        rows = Number(stdout)
      })
    })

    it('reads nothing but the column that is wanted', async context => {
      if (!pyarrow.installed) context.skip(pyarrow.reason)
      const before = await askedSoFar()
      const found = await inProcess('large.parquet', ['n'], { maxRows: rows + 1, maxBytes: 64 * 1_048_576 })
      expect(found.rows).toHaveLength(rows)
      expect(areNumbered(found.rows)).toBe(true)
      const read = (await server.asked()).slice(before).map(({ range }) => {
        const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
        return last === undefined ? 0 : Number(last) - Number(first) + 1
      })
      const readBytes = read.reduce((sum, count) => sum + count, 0)
      expect(readBytes).toBeGreaterThan(rows)
      expect(readBytes).toBeLessThan(bytes / 50)
    })

    it('reads all of it in little memory', async context => {
      if (!pyarrow.installed) context.skip(pyarrow.reason)
      const found = await inProcess('large.parquet', [], { maxRows: rows + 1, maxBytes: 2 * bytes })
      expect(found.rows).toHaveLength(rows)
      expect(areNumbered(found.rows)).toBe(true)
      // What such a process takes by itself.
      const nothing = await inProcess('large.parquet', ['n'], { maxRows: 1, maxBytes: 1_048_576 })
      expect(found.peak).toBeLessThan(nothing.peak + bytes / 2 / 1_048_576)
    })
  })
}
