import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConnectorType, plannedStep } from '../../src/connectors/define.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import type { ValidateConnectorConfigInput } from '../../src/services/connectors.ts'
import {
  NameTakenError,
  NotFoundError,
  SecretReentryRequiredError,
  ServiceError,
  ValidationError,
} from '../../src/services/errors.ts'
import { conditionalForm } from '../connectors/conditional-forms.ts'
import { looseInput, validInput } from '../connectors/form-arbitraries.ts'
import { madeUpForm, madeUpType } from '../connectors/made-up-form.ts'
import { type TestDatabase, testDatabases } from '../servers/databases.ts'
import { ada, openWorld, signal, viewerOf } from './connector-world.ts'

/** Two forms that between them have everything, with a plan that depends on the configuration. */
const types: readonly ConnectorType[] = [
  madeUpType('MADE_UP', 'madeUp', madeUpForm),
  {
    ...madeUpType('CONDITIONAL', 'conditional', conditionalForm),
    plan: config => {
      const { method, auth } = config as { method: string; auth: { key?: object } }
      return [
        plannedStep('CONNECT', `Connect to ${method}`, { target: 'here', budgetMs: 1234 }),
        ...(auth.key ? [plannedStep('SIGN_IN', 'Sign in')] : []),
        plannedStep('LEAST_PRIVILEGE', 'Look'),
      ]
    },
  },
]

const inputKeys = new Map(types.map(({ inputKey, form }) => [inputKey, form]))

/** Inputs of a form that are valid, nearly valid, or wrong in some place. */
function inputs(form: ConnectorType['form']): fc.Arbitrary<object> {
  const wrong = fc.constantFrom(7, '', 'x', 'a\0b', [], {}, { key: {} }, null, true)
  const keys = [...Object.keys((form.schema as unknown as { shape: object }).shape), 'unknown']
  const spoilt = fc.tuple(validInput(form), fc.constantFrom(...keys), wrong)
  return fc.oneof(
    validInput(form),
    looseInput(form),
    spoilt.map(([input, key, value]) => ({ ...input, [key]: value })),
  )
}

const anyInput = fc.constantFrom(...inputKeys.keys()).chain(inputKey => {
  const form = inputKeys.get(inputKey)
  return form ? inputs(form).map(value => ({ inputKey, value })) : fc.constant({ inputKey, value: {} })
})
const anyConfig = fc.oneof({ weight: 20, arbitrary: anyInput }, fc.constant({ inputKey: 'gone', value: {} }))

const naming = fc.record(
  {
    name: fc.oneof(fc.constantFrom('Ledger', ' ledger', '', 'bad\0name'), fc.uuid()),
    externalKey: fc.oneof(fc.constantFrom('tf:1', '', ' x', null), fc.uuid()),
  },
  { requiredKeys: ['name'] },
)

/** What came of a request, as a client can tell, wherever in the input the configuration stands. */
async function outcome<T>(
  request: Promise<T>,
  holder: readonly string[],
): Promise<{ value: T } | { refusal: unknown }> {
  try {
    return { value: await request }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    const { code, message } = error
    if (error instanceof ValidationError) {
      const issues = error.issues.map(({ inputPath, ...issue }) => ({
        ...issue,
        inputPath: inputPath.join('.').replace(new RegExp(`^${holder.join('\\.')}\\.`), 'config.'),
      }))
      return { refusal: { code, issues } }
    }
    return { refusal: { ...error, code, message } }
  }
}

async function openValidation(testDatabase: TestDatabase) {
  const world = await openWorld(testDatabase, { types })
  return {
    ...world,
    /** Validates while the secret store is down, and sees that nothing was left behind. */
    async validate(input: ValidateConnectorConfigInput) {
      const before = [await world.connectors.count(ada, {}), await world.countSecretVersions()]
      world.failing.reason = 'UNAVAILABLE'
      try {
        return await world.connectors.validate(ada, input)
      } finally {
        world.failing.reason = null
        expect([await world.connectors.count(ada, {}), await world.countSecretVersions()]).toEqual(before)
      }
    },
  }
}

type ValidationWorld = Awaited<ReturnType<typeof openValidation>>

// What is stored already is all that a database has to do with it.
const [sqlite] = testDatabases.filter(({ name }) => name === 'sqlite')
// Inputs this large take minutes to shrink, and tell as much as they are.
const runs = { numRuns: 150, endOnFailure: true }

describe('validating random configurations', () => {
  let world: ValidationWorld
  beforeEach(async () => {
    if (!sqlite) throw new Error('There is no SQLite.')
    world = await openValidation(sqlite)
  })
  afterEach(() => world.close())

  test('a draft is refused by just what creating it is refused by', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(anyConfig, naming, async (config, names) => {
        const draft = await outcome(world.validate({ ...names, target: { draft: config } }), ['target', 'draft'])
        const made = await outcome(world.connectors.create(ada, { ...names, config, testGate: 'NONE' }, signal), [
          'config',
        ])
        if ('refusal' in made) expect(draft).toEqual(made)
        else expect(draft).toMatchObject({ value: { formData: made.value.config } })
        seen.add('refusal' in made ? (made.refusal as { code: string }).code : 'OK')
      }),
      runs,
    )
    expect([...seen]).toEqual(expect.arrayContaining(['OK', 'VALIDATION_FAILED', 'NAME_TAKEN']))
  })

  test('an edit is refused by just what updating is refused by', async () => {
    const seen = new Set<string>()
    const valid = fc
      .constantFrom(...inputKeys)
      .chain(([inputKey, form]) => validInput(form).map(value => ({ inputKey, form, value })))
      .filter(({ form, value }) => validateForm(form, value).ok)
    await fc.assert(
      fc.asyncProperty(valid, anyConfig, naming, async ({ inputKey, value }, patch, { name, ...names }) => {
        const config = { inputKey, value }
        const saved = { name: randomUUID(), config, testGate: 'NONE' as const }
        const row = await world.connectors.create(ada, saved, signal)
        const changes = { ...names, ...(name !== '' && { name }) }
        const connector = { id: row.id }
        const holder = ['target', 'edit', 'config']
        const edit = await outcome(
          world.validate({ ...changes, target: { edit: { connector, config: patch } } }),
          holder,
        )
        const update = { ...changes, connector, expectedVersion: 1, config: patch, testGate: 'NONE' as const }
        const made = await outcome(world.connectors.update(ada, update, signal), ['config'])
        if ('refusal' in made) expect(edit).toEqual(made)
        else expect(edit).toMatchObject({ value: { formData: made.value.config } })
        seen.add('refusal' in made ? (made.refusal as { code: string }).code : 'OK')
      }),
      runs,
    )
    expect([...seen]).toEqual(expect.arrayContaining(['OK', 'VALIDATION_FAILED', 'SECRET_REENTRY_REQUIRED']))
  })
})

describe.each(testDatabases)('validating a configuration on $name', testDatabase => {
  let world: ValidationWorld
  beforeEach(async () => {
    world = await openValidation(testDatabase)
  })
  afterEach(() => world.close())

  const draft = (value: object) => ({ target: { draft: { inputKey: 'conditional', value } } })

  test('answers what would be stored, and the plan of its test', async () => {
    const secretKey = 'a key that nobody may see'
    const answer = await world.validate(draft({ method: 'HEAD', auth: { key: { key: secretKey } } }))
    expect(answer).toEqual({
      formData: {
        ...{ method: 'HEAD', expect: 'JSON', auth: { key: { rotates: false } }, host: 'here' },
        ...{ pages: { size: 5 }, rules: [] },
      },
      testPlan: [
        expect.objectContaining({
          key: 'CONNECT',
          title: 'Connect to HEAD',
          target: 'here',
          required: true,
          budgetMs: 1234,
        }),
        expect.objectContaining({ key: 'SIGN_IN', target: null }),
        expect.objectContaining({ key: 'LEAST_PRIVILEGE', required: false }),
      ],
    })
    expect(JSON.stringify(answer)).not.toContain(secretKey)
  })

  test('needs no name of a draft, but looks at one that it is told', async () => {
    const saved = {
      name: 'Ledger',
      config: { inputKey: 'conditional', value: { trust: true } },
      testGate: 'NONE' as const,
    }
    await world.connectors.create(ada, saved, signal)
    const input = draft({ trust: true })
    expect(await world.validate(input)).toMatchObject({ formData: { trust: true } })
    await expect(world.validate({ ...input, name: 'ledger' })).rejects.toThrow(NameTakenError)
    expect(await world.connectors.validate(viewerOf('south'), { ...input, name: 'ledger' })).toMatchObject({})
  })

  test('of an edit asks for secrets again where saving would, and knows no other workspace', async () => {
    const value = { auth: { key: { key: 'k' } }, host: 'there' }
    const saved = { name: 'Ledger', config: { inputKey: 'conditional', value }, testGate: 'NONE' as const }
    const { id } = await world.connectors.create(ada, saved, signal)
    const edit = (patch: object) => ({
      target: { edit: { connector: { id }, config: { inputKey: 'conditional', value: patch } } },
    })
    await expect(world.validate(edit({ host: 'elsewhere' }))).rejects.toThrow(SecretReentryRequiredError)
    expect(await world.validate(edit({ method: 'HEAD' }))).toMatchObject({
      formData: { method: 'HEAD', host: 'there' },
    })
    await expect(world.connectors.validate(viewerOf('south'), edit({}))).rejects.toThrow(NotFoundError)
  })

  test('of an edit that ends the meaning of a destination asks for the secrets that stay', async () => {
    const value = { auth: { key: { key: 'k' } }, host: 'there', token: 't' }
    const saved = { name: 'Ledger', config: { inputKey: 'conditional', value }, testGate: 'NONE' as const }
    const { id } = await world.connectors.create(ada, saved, signal)
    const edit = (patch: object) => ({
      target: { edit: { connector: { id }, config: { inputKey: 'conditional', value: patch } } },
    })
    // Without the key there is no host but the default one, where the token was not entered for.
    await expect(world.validate(edit({ auth: { none: true } }))).rejects.toMatchObject({
      changedFields: ['host'],
      secretFields: ['token'],
    })
    expect(await world.validate(edit({ auth: { none: true }, token: 'u' }))).toMatchObject({
      formData: { host: 'here' },
    })
  })
})
