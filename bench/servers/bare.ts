import { createServer, type IncomingMessage } from 'node:http'
import Database from 'better-sqlite3'

/**
 * The baseline of the list: a bare `node:http` handler that runs the very SQL of Patchbay's stores and answers the very
 * same JSON, with no GraphQL, no checks and no limits. `DATABASE_FILE` is a seeded copy of Patchbay's database.
 */
interface ConnectorRow {
  readonly id: string
  readonly name: string
  readonly name_key: string
  readonly description: string | null
  readonly config: string
  readonly version: number
  readonly created_at: number
  readonly updated_at: number
}

interface DatasetRow {
  readonly id: string
  readonly connector_id: string
  readonly name: string
  readonly description: string | null
  readonly query: string
  readonly updated_at: number
}

const pageSize = 20
const database = new Database(process.env['DATABASE_FILE'] ?? '', { readonly: true })
const page = database.prepare<[number], ConnectorRow>(
  `select workspace_id, id, name, name_key, description, external_key, type_name, config, secret_version_id, version,
          created_at, created_by, updated_at, updated_by
   from connectors where workspace_id = 'default' order by name_key, id limit ?`,
)
const datasetsOf = database.prepare<[string, number], DatasetRow>(
  `select d.workspace_id, d.id, d.connector_id, d.type_name, d.name, d.name_key, d.description, d.query, d.version,
          d.created_at, d.created_by, d.updated_at, d.updated_by
   from datasets d inner join json_each(?) as list on d.rowid in (
     select first.rowid from datasets first
     where first.workspace_id = 'default' and first.connector_id = list.value
     order by first.name_key, first.id limit ?)
   order by d.connector_id, d.name_key, d.id`,
)

const globalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64url')
const instant = (value: number): string => new Date(value).toISOString()

function listConnectors() {
  const rows = page.all(pageSize + 1)
  const hasNextPage = rows.length > pageSize
  if (hasNextPage) rows.pop()
  const last = rows.at(-1)
  const byConnector = Map.groupBy(
    datasetsOf.all(JSON.stringify(rows.map(row => row.id)), 6),
    dataset => dataset.connector_id,
  )
  const nodes = rows.map(row => {
    JSON.parse(row.config)
    const datasets = (byConnector.get(row.id) ?? []).slice(0, 5).map(dataset => {
      JSON.parse(dataset.query)
      return {
        id: globalId('Dataset', dataset.id),
        name: dataset.name,
        description: dataset.description,
        updatedAt: instant(dataset.updated_at),
      }
    })
    return {
      id: globalId('Connector', row.id),
      name: row.name,
      description: row.description,
      version: row.version,
      createdAt: instant(row.created_at),
      updatedAt: instant(row.updated_at),
      datasets: { nodes: datasets },
    }
  })
  const endCursor = last
    ? Buffer.from(JSON.stringify(['connectors', last.name_key, last.id])).toString('base64url')
    : null
  return { data: { connectors: { nodes, pageInfo: { hasNextPage, endCursor } } } }
}

function readBody(request: IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => done(Buffer.concat(chunks).toString()))
}

createServer((request, response) => {
  readBody(request, text => {
    const { query } = JSON.parse(text) as { query: string }
    const answer = query.includes('connectors') ? listConnectors() : { data: { __typename: 'Query' } }
    const body = JSON.stringify(answer)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
}).listen(Number(process.env['PORT']), '127.0.0.1')
