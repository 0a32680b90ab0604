import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Certificate } from '../servers/certificates.ts'
import { HttpDouble } from '../servers/http-double.ts'
import type { BigqueryEmulator } from './bigquery-emulator-server.ts'

interface Field {
  readonly name: string
}

interface Row {
  readonly f: readonly { readonly v: unknown }[]
}

interface Rows {
  readonly rows?: readonly Row[]
  readonly totalRows?: string
}

interface Job {
  readonly configuration?: { readonly dryRun?: boolean }
  readonly status?: { readonly errorResult?: { readonly message: string } }
}

interface Answer {
  readonly status: number
  readonly json: unknown
}

/** How the emulator was asked, as a suite wants to know it. */
export interface EmulatorRequest {
  readonly method: string
  /** Behind `/bigquery/v2/projects/<project>/`, with its query. */
  readonly path: string
}

/**
 * TLS in front of the emulator, and what it leaves out of questions for rows, so that BigQuery's own answers come out:
 *
 * - `tabledata.list` knows no `maxResults`, `pageToken` and `selectedFields`: it answers all rows and columns.
 * - `jobs.query` knows no `maxResults`: it answers all rows, and never says where to go on.
 * - `jobs.insert` fails for a job without an id, which BigQuery makes up.
 * - A statement that cannot be run ends its dry run with a status of 200 and an error of no kind: BigQuery refuses it,
 *   with 404 where it names something that is not there, and otherwise with 400. What is wrong is the emulator's to say.
 *
 * All else goes through as it is: statements, schemas, values, further pages, and all other errors.
 */
export class BigqueryEmulatorAdapter extends HttpDouble {
  readonly #emulator: BigqueryEmulator
  readonly requests: EmulatorRequest[] = []

  private constructor(emulator: BigqueryEmulator, certificate: Certificate) {
    super(certificate)
    this.#emulator = emulator
  }

  static start(emulator: BigqueryEmulator, certificate: Certificate): Promise<BigqueryEmulatorAdapter> {
    return new BigqueryEmulatorAdapter(emulator, certificate).listen()
  }

  /** For the setting `CLOUD_ENDPOINTS`, and for runs: where whoever asks for BigQuery finds it. */
  get endpoints(): Readonly<Record<string, string>> {
    return { 'bigquery.googleapis.com': this.url }
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url)
    const body = await text(request)
    const [, , , , , ...path] = url.pathname.split('/')
    this.requests.push({ method: request.method ?? '', path: path.join('/') + url.search })
    const isJob = request.method === 'POST' && path.join('/') === 'jobs'
    const asked = isJob ? withJobId(body) : body
    const answered = await this.#ask(request.method ?? 'GET', url.pathname + url.search, asked)
    const refusal = isJob ? refusalOf(answered.json as Job) : null
    const { status, json } = refusal ?? answered
    const answer = status === 200 ? await this.#adapted(path, url, body, json) : json
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  async #ask(method: string, path: string, body = ''): Promise<Answer> {
    const answer = await fetch(`http://127.0.0.1:${this.#emulator.port}${path}`, {
      method,
      ...(body !== '' && { body, headers: { 'content-type': 'application/json' } }),
    })
    return { status: answer.status, json: await answer.json() }
  }

  async #adapted(path: readonly string[], url: URL, body: string, json: unknown): Promise<unknown> {
    const [, , kind, , what] = path
    // The emulator keeps to these shapes.
    if (kind === 'tables' && what === 'data') return this.#tableData(url, json as Rows)
    if (path.join('/') !== 'queries') return json
    return cutQuery(json as Rows, (JSON.parse(body) as { readonly maxResults?: number }).maxResults)
  }

  async #tableData({ pathname, searchParams }: URL, answer: Rows): Promise<unknown> {
    const { json } = await this.#ask('GET', pathname.replace(/\/data$/, ''))
    const { schema } = json as { readonly schema: { readonly fields: readonly Field[] } }
    const selected = searchParams.get('selectedFields')?.split(',') ?? schema.fields.map(({ name }) => name)
    const indexes = schema.fields.flatMap(({ name }, index) => (selected.includes(name) ? [index] : []))
    const start = Number(searchParams.get('pageToken') ?? 0)
    const end = start + Number(searchParams.get('maxResults') ?? Number.POSITIVE_INFINITY)
    const { rows: all = [] } = answer
    const rows = all.slice(start, end).map(({ f }) => ({ f: indexes.map(index => f[index]) }))
    return { ...answer, rows, ...(end < all.length && { pageToken: String(end) }) }
  }
}

function withJobId(body: string): string {
  const job = JSON.parse(body) as { readonly jobReference?: object }
  return JSON.stringify({ ...job, jobReference: { jobId: randomUUID(), ...job.jobReference } })
}

/** What BigQuery says instead of the end of a dry run; null where it ended well. */
function refusalOf({ configuration, status }: Job): Answer | null {
  const message = status?.errorResult?.message
  if (configuration?.dryRun !== true || message === undefined) return null
  const isMissing = /\bnot found: /.test(message)
  const code = isMissing ? 404 : 400
  const error = { reason: isMissing ? 'notFound' : 'invalidQuery', message }
  return { status: code, json: { error: { code, message, errors: [error] } } }
}

function cutQuery(answer: Rows, maxResults = Number.POSITIVE_INFINITY): unknown {
  const { rows = [] } = answer
  return rows.length > maxResults
    ? { ...answer, rows: rows.slice(0, maxResults), pageToken: String(maxResults) }
    : answer
}
