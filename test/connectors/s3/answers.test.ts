import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  byGlob,
  byKey,
  expectProblem,
  expectQueryProblem,
  inputOf,
  queryS3,
  rowsOf,
  S3World,
  testS3,
} from './s3-run.ts'

/** A server that understands a little of S3, and whatever else a case is about. */
async function startServer(answerObject: RequestListener) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://s3')
    if (pathname === '/sales/') response.writeHead(200, { 'x-amz-request-id': 'R1' }).end(listing)
    else answerObject(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    input: inputOf({ endpoint: `http://127.0.0.1:${port}` }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const content = 'n\n1\n'
/** Without a version. */
const listing = `<?xml version="1.0"?><ListBucketResult><Name>sales</Name><IsTruncated>false</IsTruncated><Contents><Key>a.csv</Key><Size>${content.length}</Size></Contents></ListBucketResult>`

/** Writes on for as long as somebody reads, and counts. */
function flood(response: ServerResponse, sent: { bytes: number }): void {
  const piece = Buffer.alloc(65_536, ' ')
  const write = () => {
    while (!response.destroyed) {
      sent.bytes += piece.length
      if (!response.write(piece)) return
    }
  }
  response.on('drain', write)
  write()
}

describe('the answers of a server that passes for S3', () => {
  it.each([403, 404, 500])('are not read to an end that a refusal (%i) does not have', async status => {
    const sent = { bytes: 0 }
    await using server = await startServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': 'R1' })
      flood(response, sent)
    })
    expectProblem(await testS3(server.input), 'READ', 'PROTOCOL_VIOLATION')
    expectQueryProblem(await queryS3(server.input, byKey('a.csv')), { code: 'PROTOCOL_VIOLATION' })
    expectQueryProblem(await queryS3(server.input, byGlob('*.csv')), { code: 'PROTOCOL_VIOLATION' })
    // What the network holds is not read, but it has been sent.
    expect(sent.bytes).toBeLessThan(3 * 32 * 2 ** 20)
  })

  it('may leave out which version of an object it is: then sizes must do', async () => {
    let told = content
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': told.length }).end(told)
    })
    expect(rowsOf(await queryS3(server.input, byGlob('*.csv')))).toEqual([['a.csv', '1']])
    expect(rowsOf(await queryS3(server.input, byKey('a.csv')))).toEqual([['1']])
    told = `${content}2\n`
    expectQueryProblem(await queryS3(server.input, byGlob('*.csv')), { code: 'OBJECT_CHANGED' })
  })

  it.each([
    ['says nothing', { status: 200, body: '' }],
    ['is another text', { status: 200, body: 'Sign in to use this network' }],
    [
      'is another text in the place of a part',
      { status: 206, headers: { 'content-range': 'bytes 0-3/4' }, body: 'Sign' },
    ],
  ])('are no objects where what comes instead %s', async (_, GetObject) => {
    await using world = await S3World.start({ at: { GetObject } })
    world.s3.objects.put('a.csv', content)
    expectProblem(await world.test(), 'READ', 'PROTOCOL_VIOLATION')
    expectQueryProblem(await world.query(byGlob('*.csv')), { code: 'PROTOCOL_VIOLATION' })
  })

  it('must say how large an object is, when nobody has listed it', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(200).write(content)
      response.end()
    })
    const { message } = expectQueryProblem(await queryS3(server.input, byKey('a.csv')), { code: 'PROTOCOL_VIOLATION' })
    expect(message).toMatch(/S3 protocol: it does not say how large/)
  })

  it.each([
    ['none', {}],
    ['of another part', { 'content-range': 'bytes 1-1/4' }],
    ['of nothing', { 'content-range': 'bytes 3-1/4' }],
    ['that is not one', { 'content-range': 'lines 0-0/4' }],
    ['that its length denies', { 'content-range': 'bytes 0-3/4' }],
  ])('are refused as parts for a range %s', async (_, headers) => {
    await using server = await startServer((_request, response) => {
      response.writeHead(206, { ...headers, 'content-length': 1 }).end('n')
    })
    expectQueryProblem(await queryS3(server.input, byKey('a.csv')), { code: 'PROTOCOL_VIOLATION' })
    expectProblem(await testS3(server.input), 'READ', 'PROTOCOL_VIOLATION')
  })
})
