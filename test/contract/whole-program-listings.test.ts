import { afterAll, expect, test } from 'vitest'
import { spellings } from '../canary/secrets.ts'
import { catalog, type Entry, fieldOptions, type Option, type Page } from '../e2e/listing-operations.ts'
import { RecordedApp } from '../e2e/recorded-app.ts'
import { asType } from '../e2e/typed-result.ts'
import { PreviewDocument, SaveNewConnectorDocument } from '../generated/graphql.ts'
import { listed, liveFields, withValue } from './listings.ts'
import { secretsIn } from './shared-blocks.ts'
import type { FixtureServer, Input, TypeFixture } from './type-fixture.ts'

// Servers that the program must be told of by its settings have a program of their own.
const programs = new Map<string, RecordedApp>()
async function programFor({ settings = {} }: Pick<FixtureServer, 'settings'>): Promise<RecordedApp> {
  const key = JSON.stringify(settings)
  const program = programs.get(key) ?? (await RecordedApp.start('SQLite', { TEST_RATE: '1000', ...settings }))
  programs.set(key, program)
  return program
}
afterAll(async () => {
  for (const program of programs.values()) await program[Symbol.asyncDispose]()
})

/** A form as somebody has filled it in who has not chosen anything yet beyond what the field needs. */
function draftFor(fixture: TypeFixture, input: Input, field: string): Input {
  const fields = liveFields(fixture)
  const needed = fields.find(({ path }) => path === field)?.liveOptions?.needs ?? []
  const empty = fields.filter(({ path }) => !needed.includes(path))
  return empty.reduce((form, { path }) => withValue(form, path.split('.'), undefined), input)
}

function assertNoSecret({ type }: TypeFixture, input: Input, said: unknown): void {
  const text = JSON.stringify(said)
  for (const [path, secret] of Object.entries(secretsIn(type, input))) {
    for (const spelling of spellings(secret)) expect(text.includes(spelling), path).toBe(false)
  }
}

/** Every item of a list, of which nothing is missing. */
async function everyPage<Item>(ask: (after: string | null) => Promise<Page<Item>>): Promise<readonly Item[]> {
  const found: Item[] = []
  let after: string | null = null
  do {
    const page: Page<Item> = await ask(after)
    expect(page.problem).toBeNull()
    found.push(...page.nodes)
    after = page.endCursor
  } while (after !== null)
  return found
}

const asked = listed.flatMap(each =>
  Object.entries(each.lists.options).map(([field, value]) => ({ ...each, field, value })),
)

test.each(asked)('the whole program lists "$field" of $name for a draft that is not complete', async each => {
  const { fixture, field, value } = each
  await using server = await fixture.start()
  const { client } = await programFor(server)
  const target = { draft: { [fixture.type.inputKey]: draftFor(fixture, server.input, field) } }
  const options = await everyPage<Option>(async after => {
    const { connectorFieldOptions } = await client.request(fieldOptions, {
      input: { target, field, first: 100, after },
    })
    return asType(connectorFieldOptions, 'ConnectorFieldOptionsSuccess').options
  })
  assertNoSecret(fixture, server.input, options)
  expect(options.map(option => option.value)).toContain(value)
})

test.each(listed)('the whole program leads a saved connector of $name level by level to rows', async each => {
  const { fixture, lists } = each
  await using server = await fixture.start()
  const { client } = await programFor(server)
  // The generated types name each connector type; a list of all of them has forgotten which.
  const config = { [fixture.type.inputKey]: server.input } as never
  const saving = { input: { name: crypto.randomUUID(), config } }
  const { createConnector } = await client.request(SaveNewConnectorDocument, saving)
  const by = { id: asType(createConnector, 'CreateConnectorSuccess').connector.id }
  const queries: unknown[] = []
  for (const [depth, segment] of lists.path.entries()) {
    const path = lists.path.slice(0, depth)
    const entries = await everyPage<Entry>(async after => {
      const { connector } = await client.request(catalog, { by, path, first: 100, after })
      return asType(connector?.catalog ?? { __typename: 'NotFoundError' }, 'ConnectorCatalogSuccess').entries
    })
    assertNoSecret(fixture, server.input, entries)
    const entry = entries.find(({ name }) => name === segment)
    expect(entry, segment).toMatchObject({ path: [...path, segment], hasChildren: depth < lists.path.length - 1 })
    if (entry?.datasetQuery != null) queries.push(entry.datasetQuery)
  }
  expect(queries.length).toBeGreaterThan(0)
  for (const query of queries) {
    const input = { target: { draft: { connector: by, query: query as never } } }
    const { previewDataset } = await client.request(PreviewDocument, { input })
    expect(asType(previewDataset, 'PreviewDatasetSuccess').preview.rows.length).toBeGreaterThan(0)
  }
})
