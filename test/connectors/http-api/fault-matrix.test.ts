import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { problemCodes } from '../../../src/connectors/http-api/problem-codes.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { HttpApiDouble, type HttpApiDoubleOptions, type HttpApiFault } from '../../servers/http-api-double.ts'
import {
  answer,
  dripped,
  endless,
  halfAnswer,
  loginPage,
  lyingLength,
  nestedBomb,
  packed,
  packedBomb,
  raw,
  redirect,
} from '../../servers/http-api-faults.ts'
import { hintsOf } from '../type-expectations.ts'
import { inputFor, testApi } from './http-api-run.ts'

interface Case {
  readonly title: string
  /** What the API does when it is asked for `/me`. */
  readonly fault?: HttpApiFault
  readonly double?: HttpApiDoubleOptions
  readonly change?: object
  readonly code: ProblemCode
  readonly fields: readonly string[]
  readonly remedies?: readonly string[]
  /** In message or detail. */
  readonly says?: RegExp
}

const mebibyte = 1_048_576

/** All that is said, on a connection that stays open. */
const unended =
  (bytes: Buffer): HttpApiFault =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).write(bytes)
  }

/** The least that the form takes. */
const impatient = { limits: { requestTimeoutSeconds: 1 } }
const small = { limits: { maxAnswerMegabytes: 1 } }
const status = (
  code: number,
  body = '{"error":"no"}',
  headers: Readonly<Record<string, string>> = {},
): HttpApiFault => ({
  status: code,
  headers: { 'content-type': 'application/json', ...headers },
  body,
})
const bearer = { auth: { bearer: { token: 'token-5Nw' } } }
const basic = { auth: { basic: { username: 'ann', password: 'password-5Nw' } } }
const keyInHeader = { auth: { apiKey: { name: 'X-Key', in: 'HEADER', value: 'key-5Nw' } } }
const at = ['baseUrl', 'probe.path']

const refusals: readonly Case[] = [
  { title: '401 without credentials', fault: status(401), code: 'HTTP_UNAUTHORIZED', fields: ['auth'] },
  {
    title: '401 to a token',
    fault: status(401),
    change: bearer,
    code: 'HTTP_UNAUTHORIZED',
    fields: ['auth.bearer.token'],
    remedies: ['REENTER_SECRET auth.bearer.token'],
  },
  {
    title: '401 to a password',
    fault: status(401),
    change: basic,
    code: 'HTTP_UNAUTHORIZED',
    fields: ['auth.basic.password', 'auth.basic.username'],
    remedies: ['REENTER_SECRET auth.basic.password'],
  },
  {
    title: '401 to a key',
    fault: status(401),
    change: keyInHeader,
    code: 'HTTP_UNAUTHORIZED',
    fields: ['auth.apiKey.value', 'auth.apiKey.name'],
    remedies: ['REENTER_SECRET auth.apiKey.value'],
  },
  {
    title: '401 as a web page',
    fault: status(401, '<html>Sign in</html>', { 'content-type': 'text/html' }),
    change: bearer,
    code: 'HTTP_UNAUTHORIZED',
    fields: ['auth.bearer.token'],
    remedies: ['REENTER_SECRET auth.bearer.token'],
  },
  { title: '403', fault: status(403), change: bearer, code: 'HTTP_FORBIDDEN', fields: ['auth', 'probe.path'] },
  { title: '404', fault: status(404), code: 'HTTP_NOT_FOUND', fields: at, says: /GET \/me .*404/ },
  { title: '410', fault: status(410), code: 'HTTP_NOT_FOUND', fields: at, says: /410/ },
  {
    title: '405',
    fault: status(405),
    code: 'HTTP_STATUS_UNEXPECTED',
    fields: ['probe.method', 'probe.path'],
    says: /405/,
  },
  { title: '406', fault: status(406), code: 'HTTP_STATUS_UNEXPECTED', fields: ['probe.path'], says: /406/ },
  { title: '418', fault: status(418), code: 'HTTP_STATUS_UNEXPECTED', fields: ['probe.path'], says: /418/ },
  { title: '400', fault: status(400), code: 'HTTP_STATUS_UNEXPECTED', fields: ['probe.path'], says: /400/ },
  {
    title: '429 with seconds',
    fault: status(429, '{}', { 'retry-after': '30' }),
    code: 'HTTP_TOO_MANY_REQUESTS',
    fields: [],
    says: /30 s/,
  },
  {
    title: '429 with a date',
    fault: status(429, '{}', { 'retry-after': 'Fri, 31 Dec 2999 23:59:59 GMT' }),
    code: 'HTTP_TOO_MANY_REQUESTS',
    fields: [],
  },
  {
    title: '429 with nonsense',
    fault: status(429, '{}', { 'retry-after': '-1e400 bananas' }),
    code: 'HTTP_TOO_MANY_REQUESTS',
    fields: [],
  },
  { title: '500', fault: status(500), code: 'HTTP_SERVER_ERROR', fields: [] },
  { title: '502 of a gateway', fault: status(502, '<html>Bad Gateway</html>'), code: 'HTTP_SERVER_ERROR', fields: [] },
  { title: '503', fault: status(503, '', { 'retry-after': '1' }), code: 'HTTP_SERVER_ERROR', fields: [] },
  { title: '504', fault: status(504), code: 'HTTP_SERVER_ERROR', fields: [] },
  { title: '599', fault: status(599), code: 'HTTP_SERVER_ERROR', fields: [] },
  {
    title: 'another status than expected',
    change: { probe: { path: '/me', expectStatus: 204 } },
    code: 'HTTP_STATUS_UNEXPECTED',
    fields: ['probe.expectStatus'],
    remedies: ['SET_FIELD probe.expectStatus'],
    says: /200; 204 was expected/,
  },
]

const answers: readonly Case[] = [
  { title: 'a login page with status 200', fault: loginPage, code: 'ANSWER_IS_WEB_PAGE', fields: at },
  {
    title: 'a web page that says it is JSON',
    fault: answer('\ufeff \n<!doctype html><title>x</title>'),
    code: 'ANSWER_IS_WEB_PAGE',
    fields: at,
  },
  { title: 'no JSON', fault: answer('ok'), code: 'ANSWER_NOT_JSON', fields: at },
  { title: 'JSON that breaks off', fault: answer('{"a": [1, 2'), code: 'ANSWER_NOT_JSON', fields: at },
  { title: 'two documents', fault: answer('{"a":1}\n{"a":2}\n'), code: 'ANSWER_NOT_JSON', fields: at },
  { title: 'JavaScript', fault: answer("callback({'a': 1})"), code: 'ANSWER_NOT_JSON', fields: at },
  { title: 'NaN', fault: answer('{"a": NaN}'), code: 'ANSWER_NOT_JSON', fields: at },
  { title: 'nothing at all', fault: answer(''), code: 'ANSWER_NOT_JSON', fields: at },
  { title: 'NUL bytes', fault: answer(Buffer.alloc(100)), code: 'ANSWER_NOT_JSON', fields: at },
  { title: 'control characters within a text', fault: answer('"a\u0001b"'), code: 'ANSWER_NOT_JSON', fields: at },
  {
    title: 'bytes that are no UTF-8',
    fault: answer(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    code: 'ANSWER_NOT_JSON',
    fields: at,
  },
  {
    title: 'more than the limit, and says so',
    fault: answer(`"${'a'.repeat(2 * mebibyte)}"`),
    change: small,
    code: 'ANSWER_TOO_LARGE',
    fields: ['limits.maxAnswerMegabytes'],
    says: /1 MB/,
  },
  {
    title: 'more than the limit, without an end',
    fault: 'FLOOD',
    change: small,
    code: 'ANSWER_TOO_LARGE',
    fields: ['limits.maxAnswerMegabytes'],
  },
  ...(['gzip', 'br', 'deflate'] as const).map(
    (encoding): Case => ({
      title: `a bomb as ${encoding}`,
      fault: packedBomb(encoding, 64 * mebibyte),
      change: small,
      code: 'ANSWER_TOO_LARGE',
      fields: ['limits.maxAnswerMegabytes'],
    }),
  ),
  {
    title: 'a bomb, and then nothing more',
    fault: unended(gzipSync(Buffer.alloc(8 * mebibyte))),
    change: { limits: { maxAnswerMegabytes: 1, requestTimeoutSeconds: 3 } },
    code: 'ANSWER_TOO_LARGE',
    fields: ['limits.maxAnswerMegabytes'],
  },
  {
    title: 'what is not packed as it says, and then nothing more',
    fault: unended(Buffer.from('{"a":1}'.repeat(20))),
    change: { limits: { requestTimeoutSeconds: 3 } },
    code: 'ANSWER_NOT_UNPACKABLE',
    fields: [],
  },
  {
    title: 'a bomb in a bomb',
    fault: nestedBomb(64 * mebibyte),
    change: small,
    code: 'ANSWER_NOT_UNPACKABLE',
    fields: [],
  },
  {
    title: 'an encoding that nobody asked for',
    fault: answer('{}', { 'content-encoding': 'compress' }),
    code: 'ANSWER_NOT_UNPACKABLE',
    fields: [],
    says: /"compress"/,
  },
  {
    title: 'what only claims to be packed',
    fault: answer('{"a":1}', { 'content-encoding': 'gzip' }),
    code: 'ANSWER_NOT_UNPACKABLE',
    fields: [],
  },
  {
    title: 'what is packed and breaks off',
    fault: (request, response, nth) => {
      const whole: Buffer[] = []
      const collect = { writeHead: () => collect, end: (body: Buffer) => whole.push(body) }
      packed('gzip', JSON.stringify('a'.repeat(5_000)))(request, collect as never, nth)
      answer(whole[0]?.subarray(0, 20) ?? '', { 'content-encoding': 'gzip' })(request, response, nth)
    },
    code: 'ANSWER_NOT_UNPACKABLE',
    fields: [],
  },
]

const times: readonly Case[] = [
  { title: 'nothing', fault: 'HANG', change: impatient, code: 'HTTP_TIMED_OUT', fields: [], says: /within 1 s/ },
  { title: 'half an answer', fault: halfAnswer, change: impatient, code: 'HTTP_TIMED_OUT', fields: [] },
  { title: 'a byte now and then', fault: 'DRIP', change: impatient, code: 'HTTP_TIMED_OUT', fields: [] },
  {
    title: 'a byte now and then, to an end that comes too late',
    fault: dripped(JSON.stringify('a'.repeat(1_000)), 20),
    change: impatient,
    code: 'HTTP_TIMED_OUT',
    fields: [],
  },
  {
    title: 'hints without an end',
    fault: endless('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'),
    change: impatient,
    code: 'HTTP_TIMED_OUT',
    fields: [],
  },
]

const json = 'Content-Type: application/json\r\n'
const protocol: readonly Case[] = [
  { title: 'a hang-up', fault: 'CUT_AT_ONCE', code: 'CONNECTION_RESET', fields: ['baseUrl'] },
  { title: 'a hang-up in the middle', fault: 'CUT', code: 'CONNECTION_RESET', fields: ['baseUrl'] },
  { title: 'less than it says', fault: lyingLength('{"a":1}', 500), code: 'CONNECTION_RESET', fields: ['baseUrl'] },
  { title: 'another protocol', fault: raw('SSH-2.0-OpenSSH_9.6\r\n'), code: 'WRONG_PROTOCOL', fields: ['baseUrl'] },
  {
    title: 'headers without an end',
    fault: endless('HTTP/1.1 200 OK\r\n', `X-Again: ${'a'.repeat(200)}\r\n`),
    code: 'PROTOCOL_VIOLATION',
    fields: ['baseUrl'],
  },
  {
    title: 'two lengths',
    fault: raw(`HTTP/1.1 200 OK\r\n${json}Content-Length: 2\r\nContent-Length: 7\r\n\r\n{"a":1}`),
    code: 'PROTOCOL_VIOLATION',
    fields: ['baseUrl'],
  },
  {
    title: 'a length and chunks',
    fault: raw(`HTTP/1.1 200 OK\r\n${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`),
    code: 'PROTOCOL_VIOLATION',
    fields: ['baseUrl'],
  },
  {
    title: 'a NUL in a header',
    fault: raw(`HTTP/1.1 200 OK\r\n${json}X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}`),
    code: 'WRONG_PROTOCOL',
    fields: ['baseUrl'],
  },
  {
    title: 'another protocol from here on',
    fault: raw('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
    code: 'CONNECTION_RESET',
    fields: ['baseUrl'],
  },
]

const redirects: readonly Case[] = [
  {
    title: 'a redirect, where none is followed',
    fault: redirect('/other'),
    change: { redirects: 'NONE' },
    code: 'REDIRECT_REFUSED',
    fields: ['redirects', 'baseUrl', 'probe.path'],
    says: /\/other/,
  },
  {
    title: 'a redirect elsewhere',
    fault: redirect('https://login.example.com/start?next=x'),
    code: 'REDIRECT_OFF_ORIGIN',
    fields: ['baseUrl', 'redirects'],
    says: /login\.example\.com/,
  },
  { title: 'a redirect in a circle', fault: redirect('/me'), code: 'TOO_MANY_REDIRECTS', fields: at },
  { title: 'a redirect to nowhere', fault: answer('', {}, 302), code: 'REDIRECT_REFUSED', fields: at },
  { title: 'a redirect to nonsense', fault: redirect('http://['), code: 'REDIRECT_REFUSED', fields: at },
  { title: 'a redirect to a mail address', fault: redirect('mailto:a@b.c'), code: 'REDIRECT_REFUSED', fields: at },
]

const probed = (change: object) => ({ probe: { path: '/me' }, ...change })

async function problemOf({ fault, double, change = {}, code }: Case) {
  await using api = await HttpApiDouble.start({ ...double, ...(fault && { at: { '/me': fault } }) })
  const run = await testApi(inputFor(api, probed(change)))
  return run.failsAt('READ', code)
}

describe.each([
  ['refuses', refusals],
  ['answers', answers],
  ['keeps the test waiting with', times],
  ['breaks the protocol with', protocol],
  ['redirects with', redirects],
])('an API that %s', (_, cases) => {
  it.each(cases)('$title: $code', async each => {
    const problem = await problemOf(each)
    expect(hintsOf(problem)).toEqual({ fields: each.fields, remedies: each.remedies ?? [] })
    if (each.says) expect(`${problem.message} ${problem.detail}`).toMatch(each.says)
    expect(problem.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    expect(JSON.stringify(problem)).not.toContain('5Nw')
  })
})

it('has more than forty cases, and declares all of their codes', () => {
  const all = [refusals, answers, times, protocol, redirects].flat()
  expect(all.length).toBeGreaterThanOrEqual(40)
  for (const { code } of all) expect(problemCodes).toContain(code)
})
