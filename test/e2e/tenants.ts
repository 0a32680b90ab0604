import type { ExecutionResult } from 'graphql'
import { createClient } from 'graphql-sse'
import { fetchGraphql, type GraphqlAnswer, startTestApp, type TestApp, type Variables } from '../harness.ts'
import { besideServer, type MadeToken, makeToken, type TokenWish } from './api-tokens.ts'

export interface TenantClient {
  /** Posts an operation as JSON. */
  fetchGraphql<Data = Record<string, unknown>>(document: string, variables?: Variables): Promise<GraphqlAnswer<Data>>
  /** Streams a subscription over SSE, without reconnecting. Leaving the loop ends it. */
  subscribe<Data = Record<string, unknown>>(
    document: string,
    variables?: Variables,
  ): AsyncIterableIterator<ExecutionResult<Data>>
  /** Posts a body as it is. `headers` are added to the token and the type of JSON, or take their place. */
  raw(body: string, headers?: Readonly<Record<string, string>>): Promise<Response>
}

/** A client of the program with an API token. */
export interface Tenant extends MadeToken, TenantClient {
  /** As in `Query.viewer`. */
  readonly viewerId: string
  readonly workspace: string
  /** The header that says who it is. */
  readonly headers: Readonly<Record<string, string>>
}

/** The whole program in this process, where callers are recognised. */
export interface Tenants extends AsyncDisposable {
  readonly app: TestApp
  readonly url: string
  readonly port: number
  /** What was logged so far. */
  log(): string
  /**
   * A client with a new token of a workspace (`north` and `south`, unless a test needs others). `rights` are names of
   * scopes or roles; without them the token may do everything in its workspace.
   */
  tenant(workspace: string, rights?: readonly string[], wish?: Omit<TokenWish, 'workspace' | 'rights'>): Promise<Tenant>
  /** The same client with another credential, or none: for what must be refused. */
  withAuthorization(authorization: string | null): TenantClient
  stop(): Promise<void>
}

export interface TenantsOptions {
  /** `AUTH`; default `tokens`. */
  readonly auth?: string
  /** Added to what a test needs. With `DATA_DIR` or `DATABASE_URL` the program uses what is there. */
  readonly environment?: Readonly<Record<string, string>>
}

export async function startTenants({ auth = 'tokens', environment = {} }: TenantsOptions = {}): Promise<Tenants> {
  const app = await startTestApp({ AUTH: auth, ...environment })
  const { DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory = app.dataDirectory } = environment
  const database = { dataDirectory, ...(databaseUrl !== undefined && { databaseUrl }) }
  const { url } = app

  const clientWith = (headers: Readonly<Record<string, string>>): TenantClient => ({
    fetchGraphql: (document, variables) => fetchGraphql(url, document, variables, headers),
    subscribe: (document, variables = {}) =>
      createClient({ url, headers: { ...headers }, retryAttempts: 0 }).iterate({
        query: document,
        variables: { ...variables },
      }),
    raw: (body, more = {}) =>
      fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers, ...more }, body }),
  })

  return {
    app,
    url,
    port: app.port,
    log: () => app.log(),
    async tenant(workspace, rights, wish) {
      const made = await besideServer(database, each =>
        makeToken(each, { workspace, ...(rights && { rights }), ...wish }),
      )
      const headers = { authorization: `Bearer ${made.token}` }
      return { ...made, viewerId: `token:${made.id}`, workspace, headers, ...clientWith(headers) }
    },
    withAuthorization: authorization => clientWith(authorization === null ? {} : { authorization }),
    stop: async () => app[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: async () => app[Symbol.asyncDispose](),
  }
}
