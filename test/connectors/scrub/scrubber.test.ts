import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failed } from '../../../src/connectors/define.ts'
import { problem } from '../../../src/connectors/problem.ts'
import { createScrubber, mask } from '../../../src/connectors/scrub/scrubber.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { encodings } from './encodings.ts'

describe('scrubbing', () => {
  const secret = 'pä$$ "w/rd+ ?&=%\\ 🔑'
  test.each(Object.entries(encodings))('removes a secret in its %s form', (_, form) => {
    const scrub = createScrubber([secret])
    expect(scrub.text(`before ${form(secret)} after`)).toBe(`before ${mask} after`)
  })

  test.each([0, 1, 2, 3, 4])('removes a secret inside a longer Base64 text, %i bytes from its start', offset => {
    const credentials = Buffer.from(`${'u'.repeat(offset)}:${secret}`)
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = credentials.toString(encoding)
      const left = createScrubber([secret]).text(`Authorization: Basic ${text}`)
      expect(left).toContain(mask)
      // At most the characters at the seams are left.
      expect(left.length).toBeLessThan('Authorization: Basic '.length + mask.length + 2 * (offset + 4))
    }
  })

  test('removes any secret of four characters and more wherever it stands', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 })
    const secrets = fc.array(fc.string({ unit: 'binary', minLength: 4, maxLength: 20 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(text, text, secrets, fc.constantFrom(...Object.values(encodings)), (before, after, values, form) => {
        const usable = values.filter(value => value.isWellFormed() && !value.includes('\0') && !value.includes('•'))
        const [first] = usable
        fc.pre(first !== undefined)
        const scrubbed = createScrubber(usable).text(`${before}${form(first)}${after}`)
        expect(scrubbed).toContain(mask)
        for (const value of usable) expect(scrubbed.split(mask).some(part => part.includes(form(value)))).toBe(false)
      }),
    )
  })

  test('leaves a text without secrets as it is', () => {
    expect(createScrubber(['another']).text('The server rejected "ada".')).toBe('The server rejected "ada".')
    expect(createScrubber([]).text('Nothing to hide')).toBe('Nothing to hide')
    expect(createScrubber(['']).text('Nothing to hide')).toBe('Nothing to hide')
  })

  test('removes short secrets only where they stand alone', () => {
    const scrub = createScrubber(['abc', '7'])
    expect(scrub.text('abcd abc, xabc (abc) 7 of 17')).toBe('abcd •••, xabc (•••) ••• of 17')
  })

  test('removes the longer of two secrets whole, and both where they overlap', () => {
    expect(createScrubber(['pass', 'password']).text('a password here')).toBe('a ••• here')
    expect(createScrubber(['abcdef', 'defghi']).text('x abcdefghi y')).toBe('x ••• y')
    expect(createScrubber(['abab']).text('ababab')).toBe('•••')
  })

  test('finds a secret of few different characters among the same characters', () => {
    const few = (minLength: number) => fc.string({ unit: fc.constantFrom('a', 'b'), minLength, maxLength: 12 })
    fc.assert(
      fc.property(few(4), few(0), few(0), (secret, before, after) => {
        const text = before + secret + after
        const scrubbed = createScrubber([secret]).text(text)
        expect(scrubbed).not.toContain(secret)
        expect(scrubbed).toContain(mask)
        // Every place where it stood is gone: what is left is what no occurrence covers.
        const covered = [...text].map((_, at) =>
          Array.from({ length: secret.length }, (__, back) => at - back).some(
            start => text.startsWith(secret, start) && start >= 0,
          ),
        )
        expect(scrubbed.replaceAll(mask, '').length).toBe(covered.filter(isCovered => !isCovered).length)
      }),
      { numRuns: 1_000 },
    )
  })

  test('removes what is left of a secret at the end of a text that was cut', () => {
    const scrub = createScrubber(['correct horse battery staple'])
    expect(scrub.text('the password is correct hor…')).toBe('the password is •••…')
    expect(scrub.text('the password is cor…')).toBe('the password is cor…')
    const { detail } = problem('UNCLASSIFIED', { detail: `${'x'.repeat(285)} correct horse battery staple` })
    expect(scrub.problem(problem('UNCLASSIFIED', { detail })).detail).not.toContain('correct')
  })

  test('removes a key in several lines, whole, by line, and cleaned of its line breaks', () => {
    const lines = ['MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', 'BKcwggSjAgEAAoIBAQDHl3k2c9LkYx5T']
    const pem = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n')
    const scrub = createScrubber([pem])
    for (const text of [
      pem,
      pem.replaceAll('\n', ' '),
      JSON.stringify(pem),
      `near ${lines[1]}`,
      encodeURIComponent(pem),
    ]) {
      const left = scrub.text(text)
      for (const line of lines) expect(left).not.toContain(line.slice(0, 12))
    }
    expect(scrub.text('a -----BEGIN PRIVATE KEY----- was expected')).toBe('a -----BEGIN PRIVATE KEY----- was expected')
  })

  test('leaves certificates whole, that of a key in the form among them', () => {
    const authority = issueCertificate({ commonName: 'Root', authority: true })
    const own = issueCertificate({ commonName: 'ann', issuer: authority, usage: 'client' })
    const scrub = createScrubber([own.key, 'certificate-password'])
    const chain = `${own.certificate}${authority.certificate}`
    for (const text of [own.certificate, authority.certificate, chain, JSON.stringify(chain)]) {
      expect(scrub.text(text)).toBe(text)
    }
    expect(scrub.text(`${own.certificate}${own.key}`)).toBe(`${own.certificate}${mask}`)
  })

  test('makes every text one that both databases can store', () => {
    expect(createScrubber([]).text('a\u0000b \ud800 c')).toBe('ab \ufffd c')
  })

  test('offers no value with a hole in it, which a click would put into the form', () => {
    const scrub = createScrubber(['reader'])
    const { remedies } = scrub.problem(
      problem('UNCLASSIFIED', {
        remedies: [
          { kind: 'SET_FIELD', title: 'Use the account', field: 'auth.password.username', value: 'reader' },
          { kind: 'RUN_SQL', title: 'Create it', sql: 'create role "reader" login' },
          { kind: 'REENTER_SECRET', title: 'Type "reader" again', field: 'auth.password.password' },
          { kind: 'SET_FIELD', title: 'Use another', field: 'auth.password.username', value: 'writer' },
        ],
      }),
    )
    expect(remedies).toEqual([
      { kind: 'RUN_SQL', title: 'Create it', sql: `create role "${mask}" login` },
      { kind: 'REENTER_SECRET', title: `Type "${mask}" again`, field: 'auth.password.password' },
      { kind: 'SET_FIELD', title: 'Use another', field: 'auth.password.username', value: 'writer' },
    ])
  })

  test('leaves what programs decide by', () => {
    const scrub = createScrubber(['SET_FIELD', 'password', 'UNCLASSIFIED', 'IPV4', 'FAILED'])
    const report = failed(
      problem('UNCLASSIFIED', {
        detail: 'password',
        fields: ['password'],
        remedies: [{ kind: 'SET_FIELD', title: 'Change password', field: 'password', value: 'another' }],
      }),
      [
        {
          kind: 'ADDRESS',
          label: 'Address',
          address: '192.0.2.1',
          family: 'IPV4',
          measuredOn: 'PROBE',
          outcome: 'FAILED',
        },
      ],
    )
    expect(scrub.report(report)).toMatchObject({
      status: 'FAILED',
      evidence: [{ kind: 'ADDRESS', family: 'IPV4', measuredOn: 'PROBE', outcome: mask }],
      problem: {
        code: 'UNCLASSIFIED',
        detail: mask,
        fields: ['password'],
        remedies: [{ kind: 'SET_FIELD', title: `Change ${mask}`, field: 'password', value: 'another' }],
      },
    })
  })
})
