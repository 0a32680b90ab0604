import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../../src/config.ts'
import { operatorWords } from '../../src/operator-words.ts'
import { startTestApp } from '../harness.ts'

const load = (environment: Readonly<Record<string, string>>) => loadConfig(environment, { envFile: null })

const mistakesOf = (environment: Readonly<Record<string, string>>): readonly string[] => {
  try {
    load(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

describe('the settings of limits', () => {
  test('are off in development, and on in production', () => {
    const limits = { rateLimit: 0, rateLimitWorkspace: 0, streamsPerViewer: 10_000, streamsPerWorkspace: 10_000 }
    expect(load({})).toMatchObject({ ...limits, persistedOperations: null, persistedOperationsFor: 'all' })
    const production = { NODE_ENV: 'production', AUTH: 'tokens', MASTER_KEY_FILE: '/run/key' }
    expect(load(production)).toMatchObject({
      rateLimit: 3000,
      rateLimitWorkspace: 6000,
      streamsPerViewer: 20,
      streamsPerWorkspace: 200,
    })
  })

  test.each([
    ['RATE_LIMIT', '0', true],
    ['RATE_LIMIT', '49', false],
    ['RATE_LIMIT', '50', true],
    ['RATE_LIMIT', '1000001', false],
    ['RATE_LIMIT', '-1', false],
    ['RATE_LIMIT_WORKSPACE', '99', false],
    ['RATE_LIMIT_WORKSPACE', '100', true],
    ['STREAMS_PER_VIEWER', '0', false],
    ['STREAMS_PER_WORKSPACE', '10001', false],
    ['PERSISTED_OPERATIONS_FOR', 'tokens', false],
  ])('%s=%s', (name, value, isGood) => {
    expect(mistakesOf({ [name]: value })).toEqual(isGood ? [] : [expect.stringMatching(new RegExp(`^${name} must be`))])
  })
})

describe('the program', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchbay-limits-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('obeys them', async () => {
    const file = join(folder, 'good.json')
    await writeFile(file, JSON.stringify({ left: '{ rateLimit { limit } viewer { id } }' }))
    await using app = await startTestApp({ RATE_LIMIT: '70', RATE_LIMIT_WORKSPACE: '120', PERSISTED_OPERATIONS: file })
    const post = async (body: unknown) =>
      (
        await fetch(app.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json()
    expect(await post({ documentId: 'left' })).toEqual({ data: { rateLimit: { limit: 70 }, viewer: { id: 'local' } } })
    expect(await post({ query: '{ viewer { id } }' })).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_OPERATION_REQUIRED' } }],
    })
  })

  test('does not start with persisted operations that do not fit, and says why without a stack', async () => {
    const file = join(folder, 'bad.json')
    await writeFile(file, JSON.stringify({ a: '{ nothing }', b: '{' }))
    const error: unknown = await startTestApp({ PERSISTED_OPERATIONS: file }).catch((thrown: unknown) => thrown)
    expect(operatorWords(error).split('\n')).toEqual([
      `The persisted operations of ${file} cannot be used:`,
      expect.stringMatching(/^- "a" does not fit the schema \(line 1\): Cannot query field "nothing"/),
      expect.stringMatching(/^- "b" cannot be used \(line 1\): Syntax Error/),
    ])
  })
})
