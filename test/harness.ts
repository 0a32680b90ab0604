import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { ExecutionResult } from 'graphql'
import { createClient } from 'graphql-sse'
import { type AppPaths, startPatchbay } from '../src/app.ts'
import { loadConfig } from '../src/config.ts'
import { createLogger } from '../src/log.ts'

export interface GraphqlAnswer<Data> {
  readonly status: number
  readonly headers: Headers
  readonly data?: Data | null
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions?: { readonly code?: string; readonly requestId?: string }
  }[]
}

export type Variables = Readonly<Record<string, unknown>>

/** The whole program in this process, over HTTP, with a data directory of its own. */
export interface TestApp extends AsyncDisposable {
  /** Of the API. */
  readonly url: string
  readonly port: number
  readonly dataDirectory: string
  /** What was logged so far. */
  log(): string
  /** Posts an operation as JSON. */
  fetchGraphql<Data = Record<string, unknown>>(document: string, variables?: Variables): Promise<GraphqlAnswer<Data>>
  /** Streams a subscription over SSE, without reconnecting. Leaving the loop ends it. */
  subscribe<Data = Record<string, unknown>>(
    document: string,
    variables?: Variables,
  ): AsyncIterableIterator<ExecutionResult<Data>>
  /** As on SIGTERM; keeps the data directory. */
  close(): Promise<void>
}

const sourceFolder = new URL('../src/', import.meta.url)

/** The program's own files, as the sources have them. */
export const sourcePaths: AppPaths = {
  childEntry: new URL('connectors/host/child.ts', sourceFolder),
  codeFolders: [sourceFolder],
  migrationsDirectory: fileURLToPath(new URL('../drizzle', import.meta.url)),
  privateFiles: [],
}

export interface TestAppOptions {
  /** What the app's own client sends in the header of that name. */
  readonly authorization?: string
}

/** Starts the program. `environment` is added to what a test needs: a free port and an empty data directory. */
export async function startTestApp(
  environment: Readonly<Record<string, string>> = {},
  options: TestAppOptions = {},
): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-app-'))
  let log = ''
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString()
      done()
    },
  })
  const defaults = { NODE_ENV: 'test', PORT: '0', DATA_DIR: directory, LOG_LEVEL: 'debug' }
  const config = loadConfig({ ...defaults, ...environment }, { envFile: null })
  const { url, close } = await startPatchbay(config, sourcePaths, createLogger(config.logLevel, destination))
  const headers = options.authorization === undefined ? {} : { authorization: options.authorization }
  return {
    url,
    port: Number(new URL(url).port),
    dataDirectory: directory,
    log: () => log,
    fetchGraphql: (document, variables) => fetchGraphql(url, document, variables, headers),
    subscribe: (document, variables = {}) =>
      createClient({ url, headers: { ...headers }, retryAttempts: 0 }).iterate({
        query: document,
        variables: { ...variables },
      }),
    close,
    async [Symbol.asyncDispose]() {
      await close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Posts an operation as JSON to a server. */
export async function fetchGraphql<Data>(
  url: string,
  query: string,
  variables: Variables = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<GraphqlAnswer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  const answer = (await response.json()) as Pick<GraphqlAnswer<Data>, 'data' | 'errors'>
  return { status: response.status, headers: response.headers, ...answer }
}
