import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemsOfAnyType } from '../../src/connectors/problems-of-any-type.ts'
import { spellings } from '../canary/secrets.ts'
import { connect } from '../clients/recipes/graphql-sse.ts'
import { connectorStory, type StoryOutcome, type StorySource } from '../clients/story.ts'
import type { ApiClient } from '../e2e/api-client.ts'
import { loadedPackages, recordModules } from '../e2e/loaded-modules.ts'
import { ServerProcess } from '../e2e/server-process.ts'
import { createStorage, type Storage } from '../e2e/storage.ts'
import { asType } from '../e2e/typed-result.ts'
import {
  type ConnectorConfigInput,
  type DatasetQueryInput,
  PreviewDocument,
  RunTestDocument,
  SaveNewConnectorDocument,
  TestForChangesDocument,
  UpdateConnectorDocument,
  WatchTestDocument,
} from '../generated/graphql.ts'
import { registered } from './fixtures.ts'
import { parseInput, secretsIn } from './shared-blocks.ts'
import { echoWords, type FixtureServer, type Input, type TypeFixture } from './type-fixture.ts'
import { connectorDocument, problemsDocument } from './whole-program-documents.ts'

const served = registered.flatMap(({ name, fixture }) =>
  fixture.served.map(inputName => ({ name, inputName, fixture })),
)

/** One program, to whose API everything is said, and the list of what it has loaded. */
class Program implements AsyncDisposable {
  readonly #storage: Storage
  readonly #server: ServerProcess

  private constructor(storage: Storage, server: ServerProcess) {
    this.#storage = storage
    this.#server = server
  }

  static async start(settings: Readonly<Record<string, string>>): Promise<Program> {
    const storage = await createStorage('SQLite')
    const environment = { SIMULATOR: 'true', TEST_RATE: '1000', ...settings }
    return new Program(
      storage,
      await ServerProcess.start(storage, { nodeFlags: [recordModules(storage)], environment }),
    )
  }

  get client(): ApiClient {
    return this.#server.client
  }

  /** The scan after the run looks for the marker by itself, and for these. */
  searchFor(secrets: Readonly<Record<string, string>>): void {
    for (const [path, secret] of Object.entries(secrets)) this.#server.recorder.searchFor(path, secret)
  }

  get log(): string {
    return this.#server.output
  }

  /** What a person does with a connector from its first test to its deletion, by a public client. */
  async story(source: StorySource): Promise<StoryOutcome> {
    const client = connect(this.#server.url)
    try {
      this.#server.recorder.record('sent', JSON.stringify(source))
      const outcome = await connectorStory(client, source)
      this.#server.recorder.record('answers', JSON.stringify(outcome))
      return outcome
    } finally {
      client.close()
    }
  }

  loaded(): Promise<ReadonlySet<string>> {
    return loadedPackages(this.#storage)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]()
    await this.#storage[Symbol.asyncDispose]()
  }
}

// Servers that the program must be told of by its settings have a program of their own.
const programs = new Map<string, Program>()
async function programFor({ settings = {} }: Pick<FixtureServer, 'settings'>): Promise<Program> {
  const key = JSON.stringify(settings)
  const program = programs.get(key) ?? (await Program.start(settings))
  programs.set(key, program)
  return program
}

beforeAll(async () => {
  programs.set('{}', await Program.start({}))
})
afterAll(async () => {
  for (const program of programs.values()) await program[Symbol.asyncDispose]()
})

// The generated types name each connector type; a list of all of them has forgotten which.
const configOf = ({ type }: TypeFixture, value: unknown) =>
  ({ [type.inputKey]: value }) as unknown as ConnectorConfigInput
const queryOf = ({ type }: TypeFixture, value: unknown) => ({ [type.inputKey]: value }) as unknown as DatasetQueryInput

/** A secret's path as forms have it: what is stored by an item's name is shown by its place. */
function placeOf(input: Input, path: string): string {
  let value: unknown = input
  const segments = path.split('.').map(segment => {
    const place = Array.isArray(value) ? String(value.findIndex(item => item.name === segment)) : segment
    value = (value as Readonly<Record<string, unknown>>)[place]
    return place
  })
  return segments.join('.')
}

/** Asserts that nothing the program said holds one of the secrets, nor a signature that was made with one. */
function assertNoSecret(program: Program, secrets: Readonly<Record<string, string>>, said: unknown): void {
  for (const [where, text] of Object.entries({ answer: JSON.stringify(said), log: program.log })) {
    for (const [path, secret] of Object.entries(secrets)) {
      for (const spelling of spellings(secret)) expect(text.includes(spelling), `${path} in the ${where}`).toBe(false)
    }
    expect(text).not.toMatch(/X-Amz-Signature=[0-9a-f]{16}/)
  }
}

async function runTest(program: Program, fixture: TypeFixture, input: Input) {
  const target = { draft: configOf(fixture, input) }
  const { testConnection } = await program.client.request(RunTestDocument, { input: { target } })
  return asType(testConnection, 'TestConnectionSuccess').test
}

async function saveConnector(program: Program, fixture: TypeFixture, input: Input): Promise<string> {
  const saving = { input: { name: crypto.randomUUID(), config: configOf(fixture, input) } }
  const { createConnector } = await program.client.request(SaveNewConnectorDocument, saving)
  return asType(createConnector, 'CreateConnectorSuccess').connector.id
}

describe.each(served)('the whole program with $name, "$inputName"', ({ inputName, fixture }) => {
  test('tests it, and tells none of its secrets', async () => {
    await using server = await fixture.start({ input: inputName })
    const program = await programFor(server)
    const secrets = secretsIn(fixture.type, server.input)
    program.searchFor(secrets)
    const { status, steps } = await runTest(program, fixture, server.input)
    const problems = JSON.stringify(steps.map(({ problem }) => problem))
    expect(['PASSED', 'PASSED_WITH_WARNINGS'], problems).toContain(status)
    const events = program.client.subscribe('SSE', WatchTestDocument, {
      input: { target: { draft: configOf(fixture, server.input) } },
    })
    const all = await events.all()
    expect(all.at(-1)).toMatchObject({ __typename: 'ConnectionTestFinished', test: { status } })
    assertNoSecret(program, secrets, [steps, all])
  })

  test('tells none of its secrets when the server repeats them', async () => {
    await using server = await fixture.start({ input: inputName, echoes: true })
    const program = await programFor(server)
    const secrets = secretsIn(fixture.type, server.input)
    program.searchFor(secrets)
    const { status, steps } = await runTest(program, fixture, server.input)
    expect(status).toBe('FAILED')
    const failed = steps.find(step => step.status === 'FAILED')
    expect(failed).toMatchObject({ key: fixture.refusesAt ?? 'SIGN_IN' })
    // Else there would be nothing to be seen.
    const shown = JSON.stringify(failed?.problem).includes(echoWords)
    expect(shown, JSON.stringify(failed)).toBe(fixture.neverEchoes === undefined)
    assertNoSecret(program, secrets, steps)
  })

  test('saves it, shows all but its secrets, and takes back what it shows', async () => {
    await using server = await fixture.start({ input: inputName })
    const program = await programFor(server)
    const secrets = secretsIn(fixture.type, server.input)
    const id = await saveConnector(program, fixture, server.input)
    const show = async () => {
      const { connector } = await program.client.request(connectorDocument(fixture.type), { id })
      if (!connector) throw new Error('There is no connector.')
      return connector
    }
    const shown = await show()
    expect(
      shown.secrets
        .filter(({ isSet }) => isSet)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(
      Object.keys(secrets)
        .map(path => placeOf(server.input, path))
        .sort(),
    )
    assertNoSecret(program, secrets, shown)
    const config = configOf(fixture, shown.formData)
    const { updateConnector } = await program.client.request(UpdateConnectorDocument, {
      input: { connector: { id }, expectedVersion: shown.version, config },
    })
    asType(updateConnector, 'UpdateConnectorSuccess')
    expect(await show()).toEqual(shown)
    expect(shown.formData).not.toEqual({})
  })

  test('previews a dataset of it, and tells none of its secrets', async () => {
    await using server = await fixture.start({ input: inputName })
    const program = await programFor(server)
    const id = await saveConnector(program, fixture, server.input)
    const draft = { connector: { id }, query: queryOf(fixture, fixture.reads.query) }
    const { previewDataset } = await program.client.request(PreviewDocument, { input: { target: { draft } } })
    const { preview } = asType(previewDataset, 'PreviewDatasetSuccess')
    expect(preview.rows).toEqual(fixture.reads.rows)
    assertNoSecret(program, secretsIn(fixture.type, server.input), preview)
  })
})

describe.each(served)('a person with a connector of $name, "$inputName"', ({ inputName, fixture }) => {
  test('tests it, saves what was tested, keeps a dataset, previews that, and deletes both with open eyes', async () => {
    await using server = await fixture.start({ input: inputName })
    const program = await programFor(server)
    const { inputKey } = fixture.type
    const outcome = await program.story({
      config: { [inputKey]: server.input },
      query: { [inputKey]: fixture.reads.query },
    })
    expect(outcome).toMatchObject({
      testStatus: expect.stringMatching(/^PASSED/),
      verification: 'CURRENT',
      rows: fixture.reads.rows,
      warnedOf: ['the dataset'],
      deletedDatasets: 1,
      foundAfterwards: null,
    })
    expect(outcome.events[0]).toBe('ConnectionTestPlanned')
    expect(outcome.events.at(-1)).toBe('ConnectionTestFinished')
    assertNoSecret(program, secretsIn(fixture.type, server.input), outcome)
  })
})

const signingIn = registered.filter(
  ({
    fixture: {
      type,
      inputs,
      served: [name],
    },
  }) => {
    const accounts = type.accounts?.(parseInput(type, inputs[name] ?? {})) ?? []
    return accounts.some(({ step }) => step === 'SIGN_IN')
  },
)

test.each(signingIn)('after three refused sign-ins of $name nobody tries a fourth for a while', async ({ fixture }) => {
  await using server = await fixture.start({ echoes: true })
  const program = await programFor(server)
  for (const _ of Array(3)) expect((await runTest(program, fixture, server.input)).status).toBe('FAILED')
  const connections = server.connections()
  const input = { target: { draft: configOf(fixture, server.input) } }
  const { testConnection } = await program.client.request(TestForChangesDocument, { input })
  expect(testConnection).toMatchObject({ __typename: 'RateLimitedError', reason: 'FAILED_SIGN_INS' })
  expect(server.connections()).toBe(connections)
})

test.each(registered)('the catalogue of problems has every one of $name, with its mend', async ({ fixture }) => {
  const { type } = fixture
  const { problemCatalogue } = await (await programFor({})).client.request(problemsDocument, { type: type.name })
  const expected = new Set([...type.problems, ...problemsOfAnyType])
  expect(new Set(problemCatalogue.map(({ code }) => code))).toEqual(expected)
  for (const { code, title, mend } of problemCatalogue) {
    expect(title, code).not.toBe('')
    expect(mend, code).not.toBe('')
  }
})

const drivers = registered.flatMap(({ fixture }) => fixture.drivers)

test('the process that serves the API has loaded no driver by the end', async () => {
  expect(drivers).toContain('pg')
  expect(programs.size).toBeGreaterThan(0)
  for (const program of programs.values()) {
    const packages = await program.loaded()
    expect(packages).toContain('better-sqlite3')
    expect(drivers.filter(name => packages.has(name))).toEqual([])
  }
})

/** What only some requests need, GraphiQL's page, and only some settings, the client of Vault. */
const onDemand = ['@graphql-yoga/render-graphiql', 'node-vault']

test('every dependency that the API does not load is a driver of some type', async () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const packages = await (await programFor({})).loaded()
  const others = Object.keys(dependencies).filter(name => !packages.has(name) && !onDemand.includes(name))
  expect(others.filter(name => !drivers.includes(name))).toEqual([])
})
