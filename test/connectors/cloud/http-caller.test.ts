import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { HttpCallError, type HttpQuestion } from '../../../src/connectors/cloud/http-caller.ts'
import { CloudDouble, callerAt } from './cloud-double.ts'

const question = (change: Partial<HttpQuestion> = {}): HttpQuestion => ({
  method: 'GET',
  path: '/v1/things?page=1',
  signal: AbortSignal.timeout(20_000),
  budgetMs: 5_000,
  ...change,
})

const json =
  (value: unknown, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }

async function problemAt(answer: (response: ServerResponse) => void, change: Partial<HttpQuestion> = {}) {
  await using double = await CloudDouble.start(answer)
  const caller = await callerAt(double)
  const error: unknown = await caller.ask(question(change)).catch((caught: unknown) => caught)
  caller.close()
  await expect.poll(() => double.openConnections).toBe(0)
  if (!(error instanceof HttpCallError)) throw new Error(`The call has come to ${String(error)}.`)
  return { problem: error.problem, received: double.received }
}

describe('a request to a cloud', () => {
  it('is made once, asks for nothing that is packed, and gives status, headers and JSON', async () => {
    await using double = await CloudDouble.start(response => {
      response.writeHead(404, { 'X-Reason': 'gone' }).end('{"error":{"code":404}}')
    })
    const caller = await callerAt(double)
    const answer = await caller.ask(
      question({ method: 'POST', json: { a: 'ä' }, headers: { authorization: 'Bearer t' } }),
    )
    expect(answer).toMatchObject({ status: 404, headers: { 'x-reason': 'gone' }, json: { error: { code: 404 } } })
    expect(double.received).toEqual([
      {
        method: 'POST',
        path: '/v1/things?page=1',
        body: '{"a":"ä"}',
        headers: expect.objectContaining({
          authorization: 'Bearer t',
          'accept-encoding': 'identity',
          'content-type': 'application/json',
        }),
      },
    ])
    expect(caller.clockSkewMs).not.toBeNull()
    caller.close()
  })

  it('keeps its connection for the next ones', async () => {
    await using double = await CloudDouble.start(json({}))
    const caller = await callerAt(double)
    const before = double.connections
    for (let count = 0; count < 6; count++) await caller.ask(question())
    // A second one is opened while the first is being put back.
    expect(double.connections - before).toBeLessThanOrEqual(2)
    caller.close()
    await expect.poll(() => double.openConnections).toBe(0)
    await expect(caller.ask(question())).rejects.toThrow('has been closed')
  })

  it.each([301, 302, 307, 308])('is not made anywhere else for a redirect: %i', async status => {
    await using elsewhere = await CloudDouble.start(json({}))
    const { problem, received } = await problemAt(
      response => response.writeHead(status, { location: `${elsewhere.url}/v1` }).end(),
      { method: 'POST', form: { secret: 's' } },
    )
    expect(problem).toMatchObject({ code: 'WRONG_PROTOCOL', fields: ['account'] })
    expect(problem.message).toContain(`a redirect (HTTP ${status})`)
    expect(received).toHaveLength(1)
    expect(elsewhere.received).toEqual([])
  })

  it.each([
    ['a web page', 200, '<!DOCTYPE html><p>Sign in', 'a web page (HTTP 200)'],
    ['a web page that refuses', 403, '<html>', 'a web page (HTTP 403)'],
    ['what is nothing', 200, '{"a":', 'something else (HTTP 200)'],
  ])('that is answered with %s is no answer', async (_, status, body, found) => {
    const { problem } = await problemAt(response => response.writeHead(status).end(body))
    expect(problem).toMatchObject({ code: 'WRONG_PROTOCOL' })
    expect(problem.message).toContain(found)
    expect(JSON.stringify(problem)).not.toContain('Sign in')
  })

  it.each([429, 500, 502, 503])('may be refused in words that are no JSON: %i', async status => {
    await using double = await CloudDouble.start(response => response.writeHead(status).end('<html>busy</html>'))
    const caller = await callerAt(double)
    expect(await caller.ask(question())).toMatchObject({ status, json: undefined })
    caller.close()
  })

  it('ends when the answer is longer than it may be, however it is sent', async () => {
    const flood = (response: ServerResponse) => {
      response.writeHead(200)
      const more = (): void => {
        while (response.writable && response.write(Buffer.alloc(65_536, 32))) {}
        if (response.writable) response.once('drain', more)
      }
      more()
    }
    const { problem } = await problemAt(flood, { maxBytes: 300_000 })
    expect(problem).toMatchObject({ code: 'PROTOCOL_VIOLATION', params: { fault: 'its answer has no end' } })
    const long = await problemAt(response => response.writeHead(200, { 'x-long': 'x'.repeat(50_000) }).end('{}'))
    expect(long.problem).toMatchObject({ code: 'PROTOCOL_VIOLATION', params: { fault: 'its answer has no end' } })
  })

  it('does not unpack what it did not ask to have packed', async () => {
    const { problem } = await problemAt(response =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}')),
    )
    expect(problem).toMatchObject({ code: 'PROTOCOL_VIOLATION' })
    expect(problem.message).toContain('packed')
  })

  it.each([
    ['before the answer', (response: ServerResponse) => response.destroy()],
    [
      'in the middle of it',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"a":')
        response.destroy()
      },
    ],
  ])('that is cut %s says so', async (_, answer) => {
    const { problem } = await problemAt(answer)
    expect(problem).toMatchObject({ code: 'CONNECTION_RESET', retryable: true })
  })

  it.each([
    ['nothing is answered', () => {}],
    ['the answer does not end', (response: ServerResponse) => void response.writeHead(200).write('{"a":')],
  ])('ends with its budget when %s', async (_, answer) => {
    const { problem } = await problemAt(answer, { budgetMs: 300 })
    expect(problem).toMatchObject({ code: 'CLOUD_TIMED_OUT', params: { service: 'api.cloud.test', seconds: 0.3 } })
  })

  it('ends with its signal, and hangs up', async () => {
    const stop = new AbortController()
    await using double = await CloudDouble.start(() => stop.abort(new Error('enough')))
    const caller = await callerAt(double)
    await expect(caller.ask(question({ signal: stop.signal }))).rejects.toThrow('enough')
    await expect.poll(() => double.openConnections).toBe(0)
    await expect(caller.ask(question({ signal: stop.signal }))).rejects.toThrow('enough')
    expect(double.received).toHaveLength(1)
    caller.close()
  })

  it('is told when nobody listens any more', async () => {
    const double = await CloudDouble.start(json({}))
    const caller = await callerAt(double)
    await double[Symbol.asyncDispose]()
    await expect(caller.ask(question())).rejects.toMatchObject({ problem: { code: 'CONNECTION_RESET' } })
    caller.close()
  })
})
