import type { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { issueCertificate } from '../../servers/certificates.ts'
import type { Behaviour } from '../../servers/hostile-mysql.ts'
import { capability, errorPacket, greeting, ok, soundCapabilities } from '../../servers/hostile-mysql-packets.ts'
import { ScriptedServer } from '../../servers/hostile-servers.ts'
import { testMysql } from '../../servers/mysql-run.ts'
import { expectFailure } from './expectations.ts'
import { certificate, config, type Line, password, testHostile, wordsOf } from './hostile-run.ts'

/** What other servers say, by themselves or to the first bytes of a client. */
const others: readonly (readonly [what: string, bytes: Buffer | string, words: RegExp])[] = [
  ['SSH', 'SSH-2.0-OpenSSH_9.9\r\n', /an SSH server/],
  ['SMTP', '220 mail.test ESMTP ready\r\n', /a mail server/],
  ['FTP', '220 FTP ready\r\n', /an FTP server/],
  ['IMAP', '* OK IMAP4rev1 ready\r\n', /a mail server/],
  ['nobody knows what', Buffer.from([0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4, 5, 6]), /something else/],
  ['HTTP, unasked', 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', /an HTTP server/],
  ['an old MySQL', Buffer.concat([Buffer.from([20, 0, 0, 0, 9]), Buffer.from('3.22.1\0'), Buffer.alloc(12)]), /MySQL/],
]

describe.each(['clear', 'TLS'] as const)('a port where MySQL is expected (%s)', (line: Line) => {
  it.each(others)('and %s is spoken is named', async (_, bytes, words) => {
    await using server = await ScriptedServer.start(socket => socket.write(bytes))
    const reports = await testMysql(config(server.port, line), { budgetsMs: { GREET: 3_000 } })
    expectFailure(reports, 'GREET', 'WRONG_PROTOCOL')
    expect(wordsOf(reports, 'GREET')).toMatch(words)
    expect(server.received.length).toBe(0)
  })

  it('and somebody waits to be spoken to first is told so, and is told nothing', async () => {
    // PostgreSQL, Redis, MongoDB, HTTP, TLS: all of them wait for the client.
    await using server = await ScriptedServer.start(() => {})
    const reports = await testMysql(config(server.port, line), { budgetsMs: { GREET: 300 } })
    expectFailure(reports, 'GREET', 'NO_GREETING')
    expect(server.received.length).toBe(0)
  })
})

describe('a hostile MySQL server, asked for encryption', () => {
  it('that offers none gets nothing about the user', async () => {
    const { reports, server } = await testHostile({
      line: 'TLS',
      at: { GREETING: (_, [packet = Buffer.alloc(0)]) => withoutEncryption(packet) },
    })
    expectFailure(reports, 'SECURE', 'TLS_NOT_OFFERED')
    expect(server.received.length).toBe(0)
  })

  it.each<[string, Behaviour]>([
    ['a welcome', (_, greetingPacket) => [...greetingPacket, ok()]],
    ['an error', (_, greetingPacket) => [...greetingPacket, errorPacket(1045, 'stuffed')]],
    ['one byte', async (peer, greetingPacket) => peer.send(peer.frame(...greetingPacket), Buffer.from([0x16]))],
  ])('that slips %s in before the handshake is refused', async (_, behaviour) => {
    const { reports, server } = await testHostile({ line: 'TLS', at: { GREETING: behaviour }, budgetMs: 3_000 })
    expectFailure(reports, 'GREET', 'PROTOCOL_VIOLATION')
    expect(server.logins).toEqual([])
  })

  it('that agrees and then goes on in clear text is not followed', async () => {
    const inClear: Behaviour = async peer => {
      await peer.send(peer.frame(ok()))
    }
    const { reports, server } = await testHostile({ line: 'TLS', at: { HANDSHAKE: inClear }, budgetMs: 3_000 })
    expectFailure(reports, 'SECURE', 'TLS_HANDSHAKE_FAILED')
    expect(server.logins).toEqual([])
    expect(server.received.includes('ann')).toBe(false)
  })

  it('that begins another handshake in the middle is cut off', async () => {
    // TLS 1.2 has renegotiation, in which a server may show another certificate, and have its client compute for ever.
    const again: Behaviour = async peer => {
      await peer.secure(certificate, { maxVersion: 'TLSv1.2' })
      if ((await peer.readPacket()) === null) return
      const secured = peer.socket as TLSSocket
      secured.renegotiate({}, () => secured.write(peer.frame(ok())))
    }
    const { reports } = await testHostile({ line: 'TLS', at: { HANDSHAKE: again }, budgetMs: 3_000 })
    expect(reports.SECURE?.evidence).toContainEqual(expect.objectContaining({ value: 'TLSv1.2' }))
    expectFailure(reports, 'SIGN_IN', 'CONNECTION_RESET')
  })

  it.each([
    ['the same certificate is asked to kill the statement', certificate, [101]],
    [
      'another certificate is not told the password',
      issueCertificate({
        commonName: 'db',
        issuer: issueCertificate({ commonName: 'Other Root', authority: true }),
        names: ['127.0.0.1'],
      }),
      [],
    ],
  ])('that has, on its second connection, %s', async (_, second, kills) => {
    const { reports, server } = await testHostile({
      line: 'TLS',
      certificate: [certificate, second],
      at: { OPEN: () => {} },
      budgetMs: 1_000,
    })
    expectFailure(reports, 'OPEN', 'STEP_TIMED_OUT')
    expect(server.connections).toBe(2)
    expect(server.kills).toEqual(kills)
    expect(server.logins).toHaveLength(1 + kills.length)
  })
})

describe('a hostile MySQL server without encryption', () => {
  it('sees no password, whatever it asks for', async () => {
    for (const [plugin, code] of [
      ['caching_sha2_password', 'CLEARTEXT_PASSWORD_REFUSED'],
      ['mysql_clear_password', 'CLEARTEXT_PASSWORD_REFUSED'],
      ['sha256_password', 'AUTH_PLUGIN_UNSUPPORTED'],
    ] as const) {
      const { reports, server } = await testHostile({ account: { username: 'ann', password, plugin }, budgetMs: 3_000 })
      expect(server.passwordsSeen, plugin).toEqual([])
      expect(server.received.includes(password), plugin).toBe(false)
      expectFailure(reports, 'SIGN_IN', code)
    }
  })
})

/** The same greeting without the offer to encrypt. */
function withoutEncryption(packet: Buffer): Buffer {
  const end = packet.indexOf(0, 1)
  return greeting({
    version: packet.toString('utf8', 1, end),
    connectionId: packet.readUInt32LE(end + 1),
    scramble: Buffer.alloc(20, 0x41),
    plugin: 'caching_sha2_password',
    capabilities: soundCapabilities & ~capability.SSL,
  })
}
