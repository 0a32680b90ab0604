import { once } from 'node:events'
import { createSecureContext, TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { proves } from '../../proofs/proves.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import type { Behaviour } from '../../servers/hostile-postgres.ts'
import { authenticationOk, errorResponse, ready } from '../../servers/hostile-postgres-messages.ts'
import { ScriptedServer } from '../../servers/hostile-servers.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import { expectFailure } from './expectations.ts'
import { certificate, config, type Line, password, testHostile, wordsOf } from './hostile-run.ts'

/** What other servers say, by themselves or to the first bytes of a PostgreSQL client. */
const others: readonly (readonly [what: string, greets: boolean, bytes: Buffer | string, words: RegExp])[] = [
  ['HTTP', false, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', /an HTTP server/],
  ['a bare web page', false, '<html><body>Bad request</body></html>', /an HTTP server/],
  ['SSH', true, 'SSH-2.0-OpenSSH_9.9\r\n', /an SSH server/],
  ['SMTP', true, '220 mail.test ESMTP ready\r\n', /a mail server/],
  ['FTP', true, '220 FTP ready\r\n', /an FTP server/],
  ['IMAP', true, '* OK IMAP4rev1 ready\r\n', /a mail server/],
  ['Redis', false, '-ERR Protocol error: invalid multibulk length\r\n', /a Redis server/],
  [
    'MySQL',
    true,
    Buffer.concat([Buffer.from([49, 0, 0, 0, 10]), Buffer.from('8.4.0\0'), Buffer.alloc(42)]),
    /a MySQL or MariaDB server/,
  ],
  ['TLS at once', false, Buffer.from([0x15, 3, 3, 0, 2, 2, 40]), /a server that expects TLS at once/],
  ['SQL Server', false, Buffer.from([0x04, 0x01, 0, 0x25, 0, 0, 1, 0, 0, 0]), /a Microsoft SQL Server/],
  ['nobody knows what', false, Buffer.from([0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6]), /something else/],
]

describe.each(['clear', 'TLS'] as const)('a port where PostgreSQL is expected (%s)', (line: Line) => {
  const test = (port: number) => testPostgres(config(port, line), { budgetsMs: { GREET: 5_000 } })

  it.each(others)('and %s is spoken is named', async (_, greets, bytes, words) => {
    await using server = await ScriptedServer.start(socket => {
      const answer = () => socket.write(bytes)
      if (greets) answer()
      else socket.once('data', answer)
    })
    const reports = await test(server.port)
    expectFailure(reports, 'GREET', 'WRONG_PROTOCOL')
    expect(wordsOf(reports, 'GREET')).toMatch(words)
    expect(server.received.includes(password)).toBe(false)
    proves('POSTGRES', 'WRONG_PROTOCOL', 'DOUBLE')
  })

  it('and MongoDB hangs up at the first bytes is told so', async () => {
    // It takes them for a message of impossible length, and answers nothing.
    await using server = await ScriptedServer.start(socket => socket.once('data', () => socket.end()))
    const reports = await test(server.port)
    expectFailure(reports, 'GREET', 'CONNECTION_RESET')
    expect(reports.GREET?.problem?.detail).toBe('The server closed the connection without an answer.')
  })
})

describe('a hostile PostgreSQL server, asked for encryption', () => {
  it('that offers none gets nothing about the user', async () => {
    const { reports, server } = await testHostile({ line: 'TLS', at: { SSL_REQUEST: () => Buffer.from('N') } })
    expectFailure(reports, 'SECURE', 'TLS_NOT_OFFERED')
    expect(server.received.length).toBe(0)
    proves('POSTGRES', 'TLS_NOT_OFFERED', 'DOUBLE')
  })

  it.each<[string, Buffer]>([
    ['a greeting', Buffer.concat([authenticationOk, ready()])],
    ['an error', errorResponse('28000', 'stuffed')],
    ['one byte', Buffer.from([0x52])],
  ])('that slips %s in before the handshake is refused', async (_, bytes) => {
    const slip: Behaviour = () => Buffer.concat([Buffer.from('S'), bytes])
    const { reports } = await testHostile({ line: 'TLS', at: { SSL_REQUEST: slip }, budgetMs: 3_000 })
    expectFailure(reports, 'GREET', 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, 'GREET')).toContain('in clear text along with its offer to encrypt')
    proves('POSTGRES', 'PROTOCOL_VIOLATION', 'DOUBLE')
  })

  it('that agrees and then goes on in clear text is not followed', async () => {
    const inClear: Behaviour = async peer => {
      // The client's first words of the handshake.
      await once(peer.socket, 'data')
      await peer.send(authenticationOk, ready())
    }
    const { reports, server } = await testHostile({ line: 'TLS', at: { HANDSHAKE: inClear }, budgetMs: 3_000 })
    expectFailure(reports, 'SECURE', 'TLS_HANDSHAKE_FAILED')
    expect(server.received.length).toBe(0)
    proves('POSTGRES', 'TLS_HANDSHAKE_FAILED', 'DOUBLE')
  })

  it('that begins another handshake in the middle is cut off', async () => {
    // TLS 1.2 has renegotiation, in which a server may show another certificate, and have its client compute for ever.
    const again: Behaviour = async peer => {
      const { certificate: cert, key } = certificate
      const secured = new TLSSocket(peer.socket.removeAllListeners('data'), {
        isServer: true,
        secureContext: createSecureContext({ cert, key, maxVersion: 'TLSv1.2' }),
      })
      secured.on('error', () => {})
      secured.once('data', () => secured.renegotiate({}, () => secured.write(authenticationOk)))
    }
    const { reports } = await testHostile({ line: 'TLS', at: { HANDSHAKE: again }, budgetMs: 3_000 })
    expect(reports.SECURE?.evidence).toContainEqual(expect.objectContaining({ value: 'TLSv1.2' }))
    expectFailure(reports, 'SIGN_IN', 'CONNECTION_RESET')
    proves('POSTGRES', 'CONNECTION_RESET', 'DOUBLE')
  })

  it.each([
    ['the same certificate is asked to cancel', certificate, 1],
    [
      'another certificate is not told the key that cancels',
      issueCertificate({
        commonName: 'db',
        issuer: issueCertificate({ commonName: 'Other Root', authority: true }),
        names: ['127.0.0.1'],
      }),
      0,
    ],
  ])('that has, on its second connection, %s', async (_, second, cancels) => {
    const { reports, server } = await testHostile({
      line: 'TLS',
      certificate: [certificate, second],
      at: { OPEN: () => {} },
    })
    expectFailure(reports, 'OPEN', 'STEP_TIMED_OUT')
    expect(server.connections).toBe(2)
    expect(server.cancels).toBe(cancels)
  })
})
