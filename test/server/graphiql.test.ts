import { parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { builtInConnectorTypes, ConnectorRegistry } from '../../src/connectors/registry.ts'
import { storyTabs } from '../../src/graphiql.ts'
import { buildSchema } from '../../src/schema/index.ts'
import { startServer } from './server-world.ts'

const page = async (origin: string) => {
  const response = await fetch(`${origin}/graphql`, { headers: { accept: 'text/html,*/*' } })
  return { response, text: await response.text() }
}

describe('GraphiQL', () => {
  test('is one page that loads nothing from elsewhere, with the story in its tabs', async () => {
    await using server = await startServer()
    const { response, text } = await page(server.origin)
    expect(response.status).toBe(200)
    expect(text).not.toMatch(/<(script|link|img)[^>]+(src|href)="(https?:)?\/\//)
    expect(response.headers.get('content-security-policy')).toContain("connect-src 'self'")
    for (const { query } of storyTabs) expect(text).toContain(JSON.stringify(query).slice(1, 40))
  })

  test('is not there in production', async () => {
    await using server = await startServer({}, { production: true })
    const { response, text } = await page(server.origin)
    expect(response.status).not.toBe(200)
    expect(text).not.toContain('<html')
  })
})

const schema = buildSchema(new ConnectorRegistry(builtInConnectorTypes))

test.each(storyTabs.map(({ query }) => [query.split('\n')[0], query] as const))(
  'the tab "%s" is valid',
  (_title, query) => {
    expect(validate(schema, parse(query))).toEqual([])
  },
)
