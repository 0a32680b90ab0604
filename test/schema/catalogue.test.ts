import { graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import { defineConnector, plannedStep } from '../../src/connectors/define.ts'
import { builtInConnectorTypes, ConnectorRegistry } from '../../src/connectors/registry.ts'
import { createContext } from '../../src/schema/context.ts'
import { buildSchema } from '../../src/schema/index.ts'
import { soleViewer } from '../../src/services/viewer.ts'
import { madeUpType } from '../connectors/made-up-form.ts'
import { fakeServices } from './schema-world.ts'

/** The catalogue of a registry, asked as a client does. */
function catalogueOf(registry: ConnectorRegistry) {
  const schema = buildSchema(registry)
  const contextValue = createContext({
    viewer: soleViewer,
    services: { ...fakeServices({}), registry },
    signal: new AbortController().signal,
    requestId: 'request',
    docsBaseUrl: 'https://docs.example.com',
  })
  return async (selection: string, filter = ''): Promise<readonly Record<string, unknown>[]> => {
    const source = `{ connectorTypes${filter && `(filter: ${filter})`} { ${selection} } }`
    const { data, errors } = await graphql({ schema, source, contextValue })
    expect(errors).toBeUndefined()
    return data?.['connectorTypes'] as readonly Record<string, unknown>[]
  }
}

const catalogue = catalogueOf(new ConnectorRegistry(builtInConnectorTypes))
const namesWhere = async (filter: string) => (await catalogue('name', filter)).map(({ name }) => name)

describe('the filter', () => {
  test.each([
    ['{ kind: GENERIC }', ['HTTP_API', 'SIMULATOR']],
    ['{ category: STORAGE }', ['S3']],
    ['{ category: API, kind: GENERIC }', ['HTTP_API']],
    ['{ capabilities: [SSH_TUNNEL] }', ['POSTGRES', 'MYSQL', 'REDSHIFT']],
    ['{ capabilities: [SSH_TUNNEL, READ_ONLY_SESSION], maturity: STABLE }', ['POSTGRES', 'MYSQL']],
    ['{ maturity: BETA, category: WAREHOUSE }', ['REDSHIFT', 'ATHENA', 'SNOWFLAKE', 'BIGQUERY', 'DATABRICKS']],
    ['{ search: "mariadb" }', ['MYSQL']],
    // Every word counts, in any order and spelling of capitals; accents and spaces do not.
    ['{ search: "  AMAZON   s3 " }', ['ATHENA', 'S3']],
    ['{ search: "PÄRQUET minio" }', ['S3']],
    ['{ search: "no such product" }', []],
    ['{ search: "" , kind: GENERIC }', ['HTTP_API', 'SIMULATOR']],
    ['{ capabilities: [] , category: API }', ['HTTP_API']],
  ])('%s', async (filter, names) => {
    expect(await namesWhere(filter)).toEqual(names)
  })
})

test('whatever a browsing capability promises is what the type has', async () => {
  const listed = await catalogue('name capabilities form { fields { path liveOptions { needs } } }')
  expect(listed).toHaveLength(builtInConnectorTypes.length)
  for (const [index, type] of builtInConnectorTypes.entries()) {
    const { name, capabilities, form } = listed[index] as unknown as Listed
    expect(name).toBe(type.name)
    expect([name, capabilities.includes('BROWSE')]).toEqual([name, type.loadBrowse !== undefined])
    const hasOptions = form.fields.some(({ liveOptions }) => liveOptions !== null)
    expect([name, capabilities.includes('LIVE_OPTIONS')]).toEqual([name, hasOptions])
    expect([name, capabilities.includes('SSH_TUNNEL')]).toEqual([
      name,
      form.fields.some(({ path }) => path === 'sshTunnel'),
    ])
  }
})

interface Listed {
  readonly name: string
  readonly capabilities: readonly string[]
  readonly form: { readonly fields: readonly { readonly path: string; readonly liveOptions: object | null }[] }
}

describe('pictures', () => {
  test('are images of their own that need nothing else', async () => {
    const urls = (await catalogue('logoUrl')).map(({ logoUrl }) => String(logoUrl))
    expect(new Set(urls).size).toBe(builtInConnectorTypes.length)
    for (const url of urls) {
      const [head = '', svg = ''] = url.split(/,(.*)/s)
      const image = decodeURIComponent(svg)
      expect(head).toBe('data:image/svg+xml')
      expect(image).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 24 24"[^<]*>.*<\/svg>$/s)
      // Nothing that runs, loads or depends on the reader's fonts.
      expect(image).not.toMatch(/<(?:script|image|use|text|style|foreignObject)|href|url\(|\son/i)
      expect(url.length).toBeLessThan(2_000)
    }
  })
})

describe('the test plan', () => {
  test('has what every test does, and what only some do, in the order in which they come', async () => {
    const [postgres] = (await catalogue('testPlan { key title isConditional required }')) as unknown as [
      { testPlan: readonly { key: string; isConditional: boolean; required: boolean }[] },
    ]
    const always = postgres.testPlan.filter(step => !step.isConditional).map(step => step.key)
    expect(always).toEqual(['GREET', 'SECURE', 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE'])
    const keys = postgres.testPlan.map(step => step.key)
    expect(keys.indexOf('TUNNEL')).toBeGreaterThan(-1)
    expect(keys.indexOf('TUNNEL')).toBeLessThan(keys.indexOf('GREET'))
    expect(postgres.testPlan.find(step => step.key === 'LEAST_PRIVILEGE')).toMatchObject({ required: false })
  })

  test('of no type is empty, and every type reads something in the end', async () => {
    for (const { name, testPlan } of await catalogue('name testPlan { key }')) {
      const keys = (testPlan as readonly { key: string }[]).map(step => step.key)
      expect([name, keys.includes('READ')]).toEqual([name, true])
    }
  })
})

describe('a type that is to be replaced', () => {
  const successor = madeUpType('NEWER', 'newer')
  const older = defineConnector({
    ...madeUpType('OLDER', 'older'),
    maturity: { level: 'DEPRECATED', since: '2026-11-01', successor: 'NEWER', reason: 'Its protocol is no more.' },
    plan: () => [plannedStep('READ', 'Read')],
    drivers: [{ name: 'no-such-package', version: '1.2.3' }],
  })
  const ask = catalogueOf(new ConnectorRegistry([older, successor]))

  test('says since when, why, and what instead', async () => {
    const selection = 'maturity maturityNote deprecation { since reason successor { name } }'
    expect(await ask(selection)).toEqual([
      {
        maturity: 'DEPRECATED',
        maturityNote: 'Its protocol is no more.',
        deprecation: { since: '2026-11-01', reason: 'Its protocol is no more.', successor: { name: 'NEWER' } },
      },
      { maturity: 'STABLE', maturityNote: null, deprecation: null },
    ])
  })

  test('whose driver is not there says what to run', async () => {
    const [entry] = await ask('availability installCommand drivers { name version isInstalled }')
    expect(entry).toEqual({
      availability: 'DRIVER_MISSING',
      installCommand: 'npm install --no-save no-such-package@1.2.3',
      drivers: [{ name: 'no-such-package', version: '1.2.3', isInstalled: false }],
    })
  })
})
