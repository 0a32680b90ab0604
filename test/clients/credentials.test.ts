import { ApolloClient, gql, InMemoryCache } from '@apollo/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTenants, type Tenant, type Tenants } from '../e2e/tenants.ts'
import { apolloLink, post, sseClient, wsClient } from './recipes/credentials.ts'

const query = '{ viewer { id } }'
type GetToken = () => Promise<string>

/** The data of the answer; rejects without any. */
const ways: Readonly<Record<string, (url: string, getToken: GetToken) => Promise<unknown>>> = {
  fetch: async (url, getToken) => {
    const { data, errors } = (await (await post(url, getToken, query)).json()) as { data?: unknown; errors?: unknown[] }
    if (errors) throw new AggregateError(errors)
    return data
  },
  'graphql-sse': (url, getToken) => firstOf(sseClient(url, getToken).iterate({ query })),
  'graphql-ws': (url, getToken) => firstOf(wsClient(url, getToken).iterate({ query })),
  Apollo: async (url, getToken) => {
    const client = new ApolloClient({ cache: new InMemoryCache(), link: apolloLink(url, getToken) })
    return (await client.query({ query: gql(query) })).data
  },
}

async function firstOf(items: AsyncIterable<{ data?: unknown; errors?: readonly unknown[] | undefined }>) {
  for await (const { data, errors } of items) {
    if (errors) throw new AggregateError(errors)
    return data
  }
  throw new Error('There was no answer.')
}

describe.each(Object.entries(ways))('a client that sends its credential with %s', (_name, ask) => {
  let tenants: Tenants
  let tenant: Tenant
  beforeAll(async () => {
    tenants = await startTenants()
    tenant = await tenants.tenant('north', ['reader'])
  })
  afterAll(() => tenants?.stop())

  test('is let in, with the credential of the moment', async () => {
    const other = await tenants.tenant('south', ['reader'])
    for (const { token, viewerId } of [tenant, other]) {
      expect(await ask(tenants.url, async () => token)).toMatchObject({ viewer: { id: viewerId } })
    }
  })
})
