import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createScrubber, mask } from '../../../src/connectors/scrub/scrubber.ts'
import { secretParts } from '../../../src/connectors/scrub/secret-parts.ts'

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const [, line = ''] = privateKey.split('\n')
const file = {
  type: 'service_account',
  project_id: 'acme-analytics',
  private_key_id: '0123456789abcdef0123456789abcdef01234567',
  private_key: privateKey,
  client_email: 'reader@acme-analytics.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
}
const written = JSON.stringify(file, null, 2)

describe('a secret that is a file with keys in it', () => {
  it('is secret only where its keys are', () => {
    expect(secretParts(written)).toEqual([privateKey])
    expect(
      secretParts(JSON.stringify({ client_id: 'an id of an application', client_secret: 'GOCSPX-abcdefghijkl' })),
    ).toEqual(['GOCSPX-abcdefghijkl'])
    expect(secretParts(JSON.stringify({ nested: { refresh_token: '1//0abcdefghijklmnop' } }))).toEqual([
      '1//0abcdefghijklmnop',
    ])
  })

  it.each(['{"key":"short"}', '{"a":1}', '{', '[1]', 'a password {of} sorts', ''])(
    'is all of it where no key is found: %s',
    secret => {
      expect(secretParts(secret)).toEqual([secret])
    },
  )

  const scrub = createScrubber([written])

  it.each([
    file.client_email,
    file.private_key_id,
    file.project_id,
    `Account ${file.client_email} of ${file.project_id}`,
  ])('lets readers know whose it is: %s', text => {
    expect(scrub.text(text)).toBe(text)
  })

  it.each<[string, (text: string) => string]>([
    ['as it is in the file', text => JSON.stringify(text).slice(1, -1)],
    ['with real line breaks', text => text],
    ['in one line', text => text.replaceAll('\n', ' ')],
    ['a line of it', () => `before ${line} after`],
    ['a piece of a line, cut off', () => `${line.slice(0, 30)}…`],
    ['in Base64', text => Buffer.from(text).toString('base64')],
    ['URL-encoded', encodeURIComponent],
    ['in the whole file', () => written],
    ['in the whole file, in JSON', () => JSON.stringify(written)],
  ])('hides the key %s', (_, form) => {
    const shown = scrub.text(form(privateKey))
    expect(shown).toContain(mask)
    expect(shown).not.toContain(line.slice(4, 24))
    expect(shown).not.toContain(encodeURIComponent(line).slice(4, 24))
  })
})
