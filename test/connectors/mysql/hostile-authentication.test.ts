import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import type { Behaviour, Script } from '../../servers/hostile-mysql.ts'
import { authMore, authSwitch, errorPacket, localInfile, ok, packets } from '../../servers/hostile-mysql-packets.ts'
import { serverKey } from '../../servers/hostile-mysql-passwords.ts'
import { expectFailure } from './expectations.ts'
import { ann, password, root, testHostile, wordsOf } from './hostile-run.ts'

/** Sends this in place of the sound answer, and says nothing more. */
const only =
  (...payloads: readonly Buffer[]): Behaviour =>
  async peer => {
    await peer.send(peer.frame(...payloads))
  }
const scramble = Buffer.alloc(20, 0x41)
const asks = (plugin: string, data = scramble): Behaviour => only(authSwitch(plugin, data))

type Case = readonly [what: string, at: Script, code: ProblemCode, words: RegExp]
const cases: readonly Case[] = [
  ...[
    'client_ed25519',
    'parsec',
    'auth_gssapi_client',
    'dialog',
    'authentication_ldap_sasl_client',
    'authentication_webauthn_client',
    'sha256_password',
    'nobody_knows_it',
  ].map((plugin): Case => [plugin, { AUTH_MORE: asks(plugin) }, 'AUTH_PLUGIN_UNSUPPORTED', new RegExp(plugin)]),
  ['the hashes of 1998', { AUTH_MORE: only(Buffer.from([0xfe])) }, 'AUTH_PLUGIN_UNSUPPORTED', /mysql_old_password/],
  [
    'a plugin that is no name',
    { AUTH_MORE: asks('<b>\u202e\u001b[31m') },
    'AUTH_PLUGIN_UNSUPPORTED',
    /without a usable name/,
  ],
  ['a plugin with a long name', { AUTH_MORE: asks('x'.repeat(50_000)) }, 'AUTH_PLUGIN_UNSUPPORTED', /usable name/],
  [
    'a second factor',
    { AUTH_MORE: only(Buffer.concat([Buffer.from([2]), Buffer.from('authentication_fido_client\0')])) },
    'AUTH_PLUGIN_UNSUPPORTED',
    /authentication_fido_client as a second factor/,
  ],
  ['the password itself', { AUTH_MORE: asks('mysql_clear_password') }, 'CLEARTEXT_PASSWORD_REFUSED', /./],
  ['to see the password', { AUTH_MORE: only(authMore(Buffer.from([4]))) }, 'CLEARTEXT_PASSWORD_REFUSED', /./],
  [
    'the password with its own key',
    { AUTH_MORE: only(authMore(Buffer.from([4])), authMore(serverKey().publicKey)) },
    'CLEARTEXT_PASSWORD_REFUSED',
    /./,
  ],
  [
    'the password with a key that nobody asked for',
    { AUTH_MORE: only(authMore(serverKey().publicKey)) },
    'PROTOCOL_VIOLATION',
    /requests for a sign-in come in the wrong order/,
  ],
  [
    'two ways to sign in',
    {
      AUTH_MORE: async peer => {
        await peer.send(peer.frame(authSwitch('mysql_native_password', scramble)))
        await peer.readPacket()
        await peer.send(peer.frame(authSwitch('caching_sha2_password', scramble)))
      },
    },
    'PROTOCOL_VIOLATION',
    /more than once/,
  ],
  [
    'an answer without a question',
    { AUTH_MORE: asks('mysql_native_password', Buffer.alloc(0)) },
    'PROTOCOL_VIOLATION',
    /malformed/,
  ],
  [
    'an answer to a question of a megabyte',
    { AUTH_MORE: asks('mysql_native_password', Buffer.alloc(1_048_576, 0x41)) },
    'PROTOCOL_VIOLATION',
    /a message of 1 MB/,
  ],
  [
    'nothing, twice',
    { AUTH_MORE: only(authMore(Buffer.from([3])), authMore(Buffer.from([3]))) },
    'PROTOCOL_VIOLATION',
    /order/,
  ],
  ['a file', { AUTH_MORE: only(localInfile('/etc/passwd')) }, 'PROTOCOL_VIOLATION', /does not belong there/],
  ['nothing at all', { AUTH_MORE: only(Buffer.alloc(0)) }, 'PROTOCOL_VIOLATION', /malformed/],
  ['something else', { AUTH_MORE: only(Buffer.from([7, 7, 7])) }, 'PROTOCOL_VIOLATION', /does not belong there/],
  ['a welcome that is cut off', { WELCOME: only(ok().subarray(0, 4)) }, 'PROTOCOL_VIOLATION', /malformed/],
  [
    'a welcome with a number of its own',
    { WELCOME: async peer => peer.send(packets(77, ok())) },
    'PROTOCOL_VIOLATION',
    /numbered in the wrong order/,
  ],
  [
    'a welcome of 16 MB',
    { WELCOME: async peer => peer.send(peer.frameAnnouncing(0xfffffe), Buffer.alloc(65_536)) },
    'PROTOCOL_VIOLATION',
    /a message of 15 MB/,
  ],
  ['an error that is cut off', { WELCOME: only(Buffer.from([0xff, 1])) }, 'PROTOCOL_VIOLATION', /malformed/],
]

describe('a hostile MySQL server that asks, to sign in, for', () => {
  it.concurrent.each(cases)('%s is told as it is, and sees no password', async (_, at, code, words) => {
    const { reports, server } = await testHostile({ at, budgetMs: 3_000 })
    expectFailure(reports, 'SIGN_IN', code)
    expect(wordsOf(reports, 'SIGN_IN')).toMatch(words)
    expect(server.received.includes(password)).toBe(false)
    expect(server.passwordsSeen).toEqual([])
    expect(server.logins).toHaveLength(1)
  })

  it('what its account has: each plugin that is known signs in, encrypted and not', async () => {
    for (const line of ['TLS', 'clear'] as const) {
      for (const plugin of ['caching_sha2_password', 'mysql_native_password']) {
        for (const defaultPlugin of ['caching_sha2_password', 'mysql_native_password', 'sha256_password', '']) {
          const { reports, server } = await testHostile({
            line,
            defaultPlugin,
            account: { ...ann, plugin },
            budgetMs: 3_000,
          })
          expect(reports.SIGN_IN, `${line} ${plugin} ${defaultPlugin}`).toMatchObject({ status: 'PASSED' })
          expect(server.passwordsSeen).toEqual([])
          expect(server.received.includes(password)).toBe(false)
        }
      }
    }
  })

  it('an account whose password is wrong: no plugin tells anything else', async () => {
    for (const plugin of ['caching_sha2_password', 'mysql_native_password']) {
      for (const cached of [true, false]) {
        const account = { ...ann, plugin, cached, password: 'another' }
        const { reports, server } = await testHostile({ line: 'TLS', account, budgetMs: 3_000 })
        expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
        expect(server.logins).toHaveLength(1)
      }
    }
  })

  it('nothing, and welcomes anybody: the reader is told so', async () => {
    const { reports } = await testHostile({ at: { AUTH_MORE: () => ok(), WELCOME: () => [] }, budgetMs: 3_000 })
    expect(reports.SIGN_IN?.status).toBe('PASSED')
  })
})

describe('a hostile MySQL server that may see the password', () => {
  const account = { ...ann, cached: false }

  it('sees it once, encrypted, when it is fully verified', async () => {
    const { reports, server } = await testHostile({ line: 'TLS', account, budgetMs: 3_000 })
    expect(reports.SIGN_IN).toMatchObject({ status: 'PASSED' })
    expect(server.passwordsSeen).toEqual([password])
  })

  it.each(['REQUIRE', 'VERIFY_CA'])('does not see it where it is encrypted but not verified (%s)', async mode => {
    const change = { tls: { mode, caCertificates: root.certificate } }
    const { reports, server } = await testHostile({ line: 'TLS', account, change, budgetMs: 3_000 })
    const problem = expectFailure(reports, 'SIGN_IN', 'CLEARTEXT_PASSWORD_REFUSED')
    expect(problem.fields).toContain('tls.mode')
    expect(server.passwordsSeen).toEqual([])
  })

  it('does not see it in clear text although it is verified: only tokens are sent so', async () => {
    const clear = { ...ann, plugin: 'mysql_clear_password' }
    const { reports, server } = await testHostile({ line: 'TLS', account: clear, budgetMs: 3_000 })
    expectFailure(reports, 'SIGN_IN', 'AUTH_PLUGIN_UNSUPPORTED')
    expect(server.passwordsSeen).toEqual([])
  })

  it('sees the token of AWS IAM in clear text, and nothing else', async () => {
    const awsIam = {
      username: 'ann',
      region: 'eu-west-1',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'secret-access-key-of-ann',
    }
    const clear = { username: 'ann', password: '', plugin: 'mysql_clear_password', acceptsAny: true }
    for (const defaultPlugin of ['mysql_clear_password', 'mysql_native_password', 'caching_sha2_password']) {
      const { reports, server } = await testHostile({
        line: 'TLS',
        account: clear,
        defaultPlugin,
        change: { auth: { awsIam } },
        budgetMs: 3_000,
      })
      expect(reports.SIGN_IN, JSON.stringify(reports.SIGN_IN)).toMatchObject({ status: 'PASSED' })
      expect(server.passwordsSeen).toHaveLength(1)
      expect(server.passwordsSeen[0]).toMatch(/^127\.0\.0\.1:\d+\/\?Action=connect&DBUser=ann&/)
      expect(server.received.includes(awsIam.secretAccessKey)).toBe(false)
    }
  })
})

describe('the refusal of a hostile MySQL server', () => {
  it('that repeats the password is quoted without it', async () => {
    const refusal = { errno: 1045, sqlState: '28000', text: `Access denied, "${password}" is wrong` }
    const { reports } = await testHostile({ account: { ...ann, refusal }, budgetMs: 3_000 })
    // The texts of a run are scrubbed on their way out; what the rules say never has it.
    expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(wordsOf(reports, 'SIGN_IN')).not.toContain(password)
  })

  it.each([
    ['escapes of terminals', '\u001b[2J\u001b]0;title\u0007\u202eevil\u2066', /evil/],
    ['markup', '<img src=x onerror=alert(1)>', /<img/],
    ['bytes that are no text', Buffer.from([0x61, 0xff, 0xfe, 0xc0, 0x80, 0x62]), /a.*b/],
    ['sixty kilobytes', 'y'.repeat(60_000), /^y{200,}… \(5999\)$/],
  ] as const)('with %s reaches the reader clean and short', async (_, text, words) => {
    const { reports } = await testHostile({ at: { WELCOME: only(errorPacket(5_999, text)) }, budgetMs: 3_000 })
    const detail = expectFailure(reports, 'SIGN_IN', 'UNCLASSIFIED').detail ?? ''
    expect(detail).toMatch(words)
    expect(detail.length).toBeLessThanOrEqual(320)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the claim.
    expect(detail).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
  })
})
