import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { accountHost } from '../../../src/connectors/snowflake/account.ts'
import { snowflake } from '../../../src/connectors/snowflake/index.ts'
import { byKeyPair, byOauth, byPassword, byToken, passphrase, privateKeys, publicKey } from './snowflake-run.ts'

const keyField = 'auth.keyPair.privateKey'
const passphraseField = 'auth.keyPair.passphrase'

function issuesOf(input: unknown) {
  const result = validateForm(snowflake.form, input)
  return result.ok ? [] : result.issues
}

/** The value that the form offers in the place of an account identifier. */
const offeredFor = (account: string): unknown => {
  const [issue, ...others] = issuesOf(byPassword({ account }))
  expect(others).toEqual([])
  expect(issue?.path).toBe('account')
  const [remedy] = issue?.remedies ?? []
  return remedy?.kind === 'SET_FIELD' ? remedy.value : null
}

describe('the form of a Snowflake connector', () => {
  it('needs no more than an account, a user, a warehouse and a way to sign in', () => {
    const { account, username, warehouse, auth } = byPassword()
    const result = validateForm(snowflake.form, { account, username, warehouse, auth })
    expect(result).toMatchObject({
      ok: true,
      value: { limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 60 } },
    })
  })

  it.each([
    'myorg-patchbay',
    'MYORG-PATCHBAY',
    'myorg-my_account',
    'xy12345',
    'xy12345.eu-west-1',
    'xy12345.us-east-2.aws',
    'xy12345.west-europe.azure',
    'xy12345.us-gov-west-1.aws',
    'xy12345.cn-northwest-1.aws',
    'xy12345.privatelink',
    'xy12345.eu-west-1.privatelink',
    'myorg-patchbay.privatelink',
    'xy12345.fhplus.us-gov-west-1.aws.privatelink',
  ])('takes the account %j', account => {
    expect(issuesOf(byPassword({ account }))).toEqual([])
  })

  it.each([
    ['https://myorg-patchbay.snowflakecomputing.com', 'myorg-patchbay'],
    ['https://myorg-patchbay.snowflakecomputing.com/', 'myorg-patchbay'],
    ['http://MYORG-PATCHBAY.snowflakecomputing.com', 'MYORG-PATCHBAY'],
    ['myorg-patchbay.snowflakecomputing.com', 'myorg-patchbay'],
    ['myorg-patchbay.snowflakecomputing.com.', 'myorg-patchbay'],
    ['myorg-patchbay.snowflakecomputing.com:443', 'myorg-patchbay'],
    ['myorg-patchbay.snowflakecomputing.com/console/login#/', 'myorg-patchbay'],
    ['xy12345.eu-west-1.snowflakecomputing.com', 'xy12345.eu-west-1'],
    ['xy12345.eu-west-1.privatelink.snowflakecomputing.com', 'xy12345.eu-west-1.privatelink'],
    ['xy12345.cn-northwest-1.aws.snowflakecomputing.cn', 'xy12345.cn-northwest-1.aws'],
    ['myorg.patchbay', 'myorg-patchbay'],
    ['MYORG.PATCHBAY', 'MYORG-PATCHBAY'],
    ['myorg.my_account', 'myorg-my_account'],
    [' myorg-patchbay', 'myorg-patchbay'],
    ['myorg-patchbay\n', 'myorg-patchbay'],
    ['https://app.snowflake.com/myorg/patchbay/', 'myorg-patchbay'],
    ['https://app.snowflake.com/myorg/patchbay/#/homepage', 'myorg-patchbay'],
    ['app.snowflake.com/myorg/patchbay', 'myorg-patchbay'],
    ['https://app.snowflake.com/eu-west-1/xy12345/worksheets', 'xy12345.eu-west-1'],
    ['https://app.snowflake.com/west-europe.azure/xy12345/', 'xy12345.west-europe.azure'],
    // Snowflake's first region is in no host name.
    ['https://app.snowflake.com/us-west-2/xy12345/', 'xy12345'],
    ['jdbc:snowflake://myorg-patchbay.snowflakecomputing.com/?db=SALES', 'myorg-patchbay'],
    ['snowflake://myorg-patchbay/', 'myorg-patchbay'],
    ['myorg-patchbay.', 'myorg-patchbay'],
    ['xy12345.us-west-2', 'xy12345'],
    ['https://app.snowflake.com/us-gov-west-1/xy12345/', 'xy12345.us-gov-west-1'],
    ['myorg.patchbay.privatelink', 'myorg-patchbay.privatelink'],
    ['https://app-myorg-patchbay.privatelink.snowflakecomputing.com/', 'myorg-patchbay.privatelink'],
  ])('takes %j for a mistake, and offers what was meant', (account, meant) => {
    expect(offeredFor(account)).toBe(meant)
    expect(issuesOf(byPassword({ account: meant }))).toEqual([])
  })

  it.each([
    '',
    ' ',
    '.',
    '-',
    'a b',
    'myorg patchbay',
    'myorg-patchbay@evil.example',
    'ann:pw@myorg-patchbay',
    'snowflakecomputing.com',
    'https://app.snowflake.com/',
    'ｍyorg-patchbay',
    'myorg-patchbay\0',
    'a..b',
    '.myorg',
    `${'a'.repeat(200)}-b`,
    '[::1]',
    'myorg\\patchbay',
    'my%6frg-patchbay',
    // Without what follows, or with dots that are no organization's, it would be somebody else's account.
    'myorg/patchbay',
    'myorg?patchbay',
    'https://evil.example/',
    'www.snowflake.com',
    'myorg-patchbay.snowflakecomputing.com.evil',
    'https://app.eu-west-1.privatelink.snowflakecomputing.com/',
    // Its host is in China, and nothing that could be offered says so.
    'myorg-patchbay.snowflakecomputing.cn',
    'https://app.snowflake.cn/myorg/patchbay/',
    'xy12345.eu-west-1.snowflakecomputing.cn',
  ])('refuses the account %j, which may mean anything', account => {
    expect(offeredFor(account)).toBeNull()
  })

  it.each(['evil.example/x#', 'a@evil.example#', 'evil.example?x=', 'evil.example\\@', '127.0.0.1:443/'])(
    'lets nobody leave the hosts of Snowflake by the account %j',
    account => {
      expect(issuesOf(byPassword({ account })).map(({ path }) => path)).toEqual(['account'])
    },
  )

  it('knows for every account that it takes one host of Snowflake', () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9._@/#?:\\%-]{1,40}$/)
    fc.assert(
      fc.property(part, account => {
        if (issuesOf(byPassword({ account })).length > 0) return
        const host = accountHost(account)
        expect(new URL(`https://${host}/`).hostname).toBe(host)
        expect(host).toMatch(/^[a-z0-9][a-z0-9.-]*\.snowflakecomputing\.(?:com|cn)$/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('knows the hosts of accounts with underscores, and of those in China', () => {
    expect(accountHost('myorg-my_account')).toBe('myorg-my-account.snowflakecomputing.com')
    expect(accountHost('xy12345.cn-northwest-1.aws')).toBe('xy12345.cn-northwest-1.aws.snowflakecomputing.cn')
  })

  it.each<[string, object]>([
    ['in PKCS #8', { privateKey: privateKeys.plain }],
    ['encrypted', { privateKey: privateKeys.encrypted, passphrase }],
    ['as OpenSSL has written it', { privateKey: privateKeys.ofOpenssl }],
    ['with escaped newlines', { privateKey: privateKeys.plain.replaceAll('\n', '\\n') }],
    ['on one line', { privateKey: privateKeys.plain.replaceAll('\n', ' ') }],
    ['with the newlines of Windows', { privateKey: privateKeys.plain.replaceAll('\n', '\r\n') }],
    ['in quotes', { privateKey: `"${privateKeys.plain.replaceAll('\n', '\\n')}"` }],
  ])('takes a private key %s', (_, keyPair) => {
    expect(issuesOf(byKeyPair(keyPair))).toEqual([])
  })

  const pem = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) =>
    (key as unknown as { export(options: object): string }).export({ type: 'pkcs8', format: 'pem' })
  it.each<[string, object, string, RegExp]>([
    ['a public key', { privateKey: publicKey }, keyField, /private/i],
    ['no key at all', { privateKey: 'my key' }, keyField, /PEM|private key/i],
    ['a path', { privateKey: '/etc/passwd' }, keyField, /text of the file/],
    ['an encrypted key without its passphrase', { privateKey: privateKeys.encrypted }, passphraseField, /passphrase/i],
    ['a wrong passphrase', { privateKey: privateKeys.encrypted, passphrase: 'x' }, passphraseField, /passphrase/i],
    ['a passphrase for nothing', { privateKey: privateKeys.plain, passphrase }, passphraseField, /not encrypted/i],
    ['half a key', { privateKey: privateKeys.plain.slice(0, 800) }, keyField, /./],
    [
      'a key on an elliptic curve',
      { privateKey: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) },
      keyField,
      /RSA/,
    ],
    [
      'a short key',
      { privateKey: pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey) },
      keyField,
      /2048/,
    ],
  ])('refuses %s', (_, keyPair, path, message) => {
    expect(issuesOf(byKeyPair(keyPair))).toEqual([
      expect.objectContaining({ path, message: expect.stringMatching(message) }),
    ])
  })

  const client = { clientId: 'patchbay', clientSecret: 'secret' }
  const tokenUrl = 'auth.oauthClientCredentials.tokenUrl'
  it.each<[string, object, string]>([
    ['no user', byPassword({ username: undefined }), 'username'],
    ['no warehouse', byPassword({ warehouse: undefined }), 'warehouse'],
    ['no way to sign in', byPassword({ auth: {} }), 'auth'],
    ['two ways to sign in', byPassword({ auth: { ...byToken().auth, ...byPassword().auth } }), 'auth'],
    ['a schema of no database', byPassword({ database: undefined }), 'schema'],
    ['a token with a line break', byToken({}, 'a\nb'), 'auth.accessToken.token'],
    ['a NUL in a name', byPassword({ role: 'A\0' }), 'role'],
    ['a token URL without encryption', byOauth({ ...client, tokenUrl: 'http://login.example.com/token' }), tokenUrl],
    ['a token URL with a password', byOauth({ ...client, tokenUrl: 'https://a:b@login.example.com/' }), tokenUrl],
    ['a token URL of no host', byOauth({ ...client, tokenUrl: 'https://0x7f.1/token' }), tokenUrl],
    ['a token URL with a fragment', byOauth({ ...client, tokenUrl: 'https://login.example.com/#x' }), tokenUrl],
    // What the driver would take, and nobody may give.
    ['another host', byPassword({ host: 'evil.example' }), 'host'],
    ['another URL', byPassword({ accessUrl: 'https://evil.example' }), 'accessUrl'],
    ['a proxy', byPassword({ proxyHost: 'evil.example' }), 'proxyHost'],
    ['an authenticator', byPassword({ authenticator: 'EXTERNALBROWSER' }), 'authenticator'],
    ['a browser', byPassword({ auth: { externalBrowser: {} } }), 'auth.externalBrowser'],
    ['a key in a file', byKeyPair({ privateKeyPath: '/etc/passwd' }), 'auth.keyPair.privateKeyPath'],
    [
      'a token in a file',
      byPassword({ auth: { accessToken: { tokenFilePath: '/x' } } }),
      'auth.accessToken.tokenFilePath',
    ],
    ['a connection of a file', byPassword({ connectionName: 'default' }), 'connectionName'],
  ])('refuses %s', (_, input, path) => {
    expect(issuesOf(input).map(issue => issue.path)).toContain(path)
  })

  it('names the one account that wrong passwords would lock, however its user and its host are written', () => {
    const accountsOf = (input: unknown) => {
      const result = validateForm(snowflake.form, input)
      return result.ok ? snowflake.accounts?.(result.value) : null
    }
    const one = [{ step: 'SIGN_IN', service: 'myorg-my-account.snowflakecomputing.com', username: 'ANN' }]
    for (const username of ['ann', 'Ann', 'ANN'])
      for (const account of ['myorg-my_account', 'MYORG-my-account'])
        expect(accountsOf(byPassword({ account, username }))).toEqual(one)
    for (const input of [byToken(), byKeyPair()]) expect(accountsOf(input)).toEqual([])
  })

  it('never repeats a secret in what it says', () => {
    const secrets = ['bad secret ü', 'another bad one ü']
    for (const input of [byToken({}, secrets[0]), byKeyPair({ privateKey: secrets[0], passphrase: secrets[1] })]) {
      const said = JSON.stringify(issuesOf(input))
      expect(said.length).toBeGreaterThan(2)
      for (const secret of secrets) expect(said).not.toContain(secret)
    }
  })
})
