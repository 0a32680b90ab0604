import { describe, expect, it } from 'vitest'
import { ScriptedServer } from '../../servers/hostile-servers.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import { expectFailure } from './expectations.ts'

/** AuthenticationRequest: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function authentication(kind: number, rest = ''): Buffer {
  const body = Buffer.from(rest)
  const message = Buffer.alloc(9)
  message.write('R')
  message.writeInt32BE(8 + body.length, 1)
  message.writeInt32BE(kind, 5)
  return Buffer.concat([message, body])
}
const scram = authentication(10, 'SCRAM-SHA-256\0\0')
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
const readyInTransaction = Buffer.from([0x5a, 0, 0, 0, 5, 0x54])
const welcome = Buffer.concat([authentication(0), readyForQuery])

/** Answers each message of the client with the next of these. */
const answering = (...answers: readonly Buffer[]) =>
  ScriptedServer.start(socket => {
    const left = [...answers]
    socket.on('data', () => {
      const answer = left.shift()
      if (answer) socket.write(answer)
    })
  })

const signIn = (port: number) =>
  testPostgres(
    {
      host: '127.0.0.1',
      port,
      auth: { password: { username: 'ann', password: 'secret-of-ann' } },
      tls: { mode: 'DISABLE' },
    },
    { budgetsMs: { SIGN_IN: 2_000, OPEN: 1_000, READ: 200 } },
  )

describe('signing in to a hostile server', () => {
  it.each([
    ['clear text', authentication(3)],
    ['MD5', authentication(5, 'salt')],
  ])('does not send the password in %s after the server has asked for it by SCRAM', async (_, request) => {
    await using peer = await answering(scram, request, welcome)
    expectFailure(await signIn(peer.port), 'SIGN_IN', 'CLEARTEXT_PASSWORD_REFUSED')
    expect(peer.received.includes('secret-of-ann')).toBe(false)
    // PasswordMessage: neither the password nor a digest of it has left.
    expect(peer.received.includes('md5')).toBe(false)
  })

  it('does not believe a server that accepts SCRAM without proving itself', async () => {
    await using peer = await answering(scram, welcome)
    const problem = expectFailure(await signIn(peer.port), 'SIGN_IN', 'SERVER_PROOF_MISSING')
    expect(problem.fields).toEqual(['host', 'port'])
  })

  it('says so when the server did not look at the password', async () => {
    await using peer = await answering(welcome)
    const { SIGN_IN } = await signIn(peer.port)
    expect(SIGN_IN).toMatchObject({ status: 'PASSED', note: 'The server did not ask for the password.' })
    expect(SIGN_IN?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Sign-in method', value: 'nothing was asked for' }),
    )
  })

  it('knows a server whose first message comes byte by byte', async () => {
    await using peer = await ScriptedServer.start(socket =>
      socket.once('data', () => {
        const send = (at: number) => {
          if (at < welcome.length) socket.write(welcome.subarray(at, at + 1), () => setImmediate(send, at + 1))
        }
        send(0)
      }),
    )
    const reports = await signIn(peer.port)
    expect(reports.GREET).toMatchObject({ status: 'PASSED' })
    expect(reports.SIGN_IN).toMatchObject({ status: 'PASSED' })
  })

  it('keeps what a server writes about itself short and free of control characters', async () => {
    const field = (name: string) => Buffer.concat([Buffer.from(`${name}\0`), Buffer.alloc(18)])
    const message = (kind: string, body: Buffer) => {
      const head = Buffer.alloc(5)
      head.write(kind)
      head.writeInt32BE(body.length + 4, 1)
      return Buffer.concat([head, body])
    }
    const count = (n: number) => Buffer.from([0, n])
    const text = `\u202e\u0007${'x'.repeat(100_000)}`
    const value = Buffer.alloc(4)
    value.writeInt32BE(Buffer.byteLength(text))
    const complete = message('C', Buffer.from('SELECT 1\0'))
    const done = Buffer.concat([complete, readyInTransaction])
    const row = Buffer.concat([
      message(
        'T',
        Buffer.concat([count(4), ...['recovering', 'database', 'version', 'encoding'].map(name => field(name))]),
      ),
      message(
        'D',
        Buffer.concat([
          Buffer.from([0, 4, 0, 0, 0, 1, 0x66]),
          ...Array.from({ length: 3 }, () => [value, Buffer.from(text)]).flat(),
        ]),
      ),
      complete,
      readyInTransaction,
    ])
    await using peer = await answering(welcome, done, row, done)
    const { OPEN } = await signIn(peer.port)
    expect(OPEN).toMatchObject({ status: 'PASSED', problem: null })
    const values = OPEN?.evidence.map(entry => (entry.kind === 'TEXT' ? entry.value : '')) ?? []
    expect(values).toHaveLength(4)
    for (const each of values) expect(each).toMatch(/^[\x20-\x7e…]{1,500}$/)
  })
})
