import { expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { banner } from '../src/run.ts'

const masterKey = { id: 'k', file: '/data/master.key', isNew: false, key: Buffer.alloc(0) }
const jwt = {
  JWT_ISSUER: 'https://login.example',
  JWT_AUDIENCE: 'patchbay',
  JWT_JWKS_URL: 'https://login.example/keys',
}

/** The line about how callers are recognised. */
function signInLine(environment: Readonly<Record<string, string>>): string | undefined {
  const config = loadConfig(environment, { envFile: null })
  const started = { url: 'http://127.0.0.1:4000/graphql', masterKey } as unknown as Parameters<typeof banner>[1]
  return /Sign-in +(.*)/.exec(banner(config, started))?.[1]
}

test('the banner says how callers are recognised, where they are', () => {
  expect(signInLine({})).toBeUndefined()
  expect(signInLine({ AUTH: 'tokens' })).toBe('API tokens.')
  expect(signInLine({ AUTH: 'jwt,tokens', ...jwt })).toBe('API tokens and JSON Web Tokens of https://login.example.')
  expect(signInLine({ AUTH: 'none,tokens' })).toBe('API tokens; whoever brings none may do everything.')
})
