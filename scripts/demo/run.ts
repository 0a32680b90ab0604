import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CatalogueDocument,
  type ConnectorConfigInput,
  CreateConnectorDocument,
  CreateDatasetDocument,
  DatasetsDocument,
  DeleteConnectorDocument,
  DeletionPlanDocument,
  PreviewDocument,
} from '../../test/generated/graphql.ts'
import { daysFromNow, issueCertificate } from '../../test/servers/certificates.ts'
import { freePort, PostgresServer, superuser } from '../../test/servers/postgres.ts'
import { DemoClient } from './client.ts'
import { DemoServer } from './patchbay.ts'
import { bold, chapter, dim, green, say, table } from './terminal.ts'
import { watchTest } from './watch-test.ts'

/**
 * Plays Patchbay's story in the terminal: a real PostgreSQL server, a real Patchbay server, and a client that speaks
 * GraphQL over HTTP and Server-Sent Events. Everything runs on loopback and is removed at the end.
 */
const shop = `
  create table customers (id int primary key, name text not null, country text not null);
  create table orders (id int primary key, customer_id int references customers, amount numeric(10, 2), placed_at timestamptz);
  insert into customers values (1, 'Ada', 'GB'), (2, 'Grace', 'US'), (3, 'Linus', 'FI');
  insert into orders select n, 1 + n % 3, n * 9.5, now() - n * interval '1 hour' from generate_series(1, 500) n;
`
const readerPassword = 'only-reads-orders'

const directory = await mkdtemp(join(tmpdir(), 'patchbay-demo-'))
try {
  await play()
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function play(): Promise<void> {
  const authority = issueCertificate({ commonName: 'Demo Authority', authority: true })
  const certificate = issueCertificate({
    commonName: 'localhost',
    issuer: authority,
    names: ['localhost'],
    validTo: daysFromNow(90),
    usage: 'server',
  })

  chapter('Starting a real PostgreSQL server and Patchbay')
  const access = {
    hba: ['hostssl all all 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 scram-sha-256'],
    settings: { ssl: 'on' },
  }
  await using postgres = await PostgresServer.start({
    ...access,
    files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
  })
  await postgres.sql('create database shop')
  await postgres.sql(shop, 'shop')
  await using patchbay = await DemoServer.start(directory, await freePort())
  const client = new DemoClient(patchbay.url)
  say(`  PostgreSQL on port ${postgres.port}, Patchbay at ${patchbay.url}`)

  chapter('What can be connected?')
  const { connectorTypes } = await client.request(CatalogueDocument, {})
  for (const type of connectorTypes) {
    const fields = type.form.fields.filter(field => !field.path.includes('.'))
    say(
      `  ${bold(type.label)} (${type.name}): ${fields.map(field => field.path + (field.required ? '*' : '')).join(', ')}`,
    )
  }

  const configFor = (username: string, password: string): ConnectorConfigInput => ({
    postgres: {
      host: 'localhost',
      port: postgres.port,
      database: 'shop',
      auth: { password: { username, password } },
      tls: { caCertificates: authority.certificate },
    },
  })

  chapter('First try: the password is wrong')
  await watchTest(client, { target: { draft: configFor(superuser.username, 'hunter2') } })

  chapter('Second try: right password, but an account that can do too much')
  const warned = await watchTest(client, { target: { draft: configFor(superuser.username, superuser.password) } })
  const remedy = warned.steps
    .flatMap(step => step.problem?.remedies ?? [])
    .find(candidate => candidate.__typename === 'RunSqlRemedy')
  if (remedy?.__typename !== 'RunSqlRemedy') throw new Error('The test offered no remedy.')

  chapter('Third try: after running the remedy as an administrator')
  await postgres.sql(remedy.sql.replaceAll('choose-a-long-password', readerPassword), 'shop')
  const [role] = await postgres.sql(
    `select rolname from pg_roles where rolcanlogin and not rolsuper order by oid desc limit 1`,
  )
  const config = configFor(String(role?.['rolname']), readerPassword)
  const tested = await watchTest(client, { target: { draft: config } })

  chapter('Saving the connector with the test that proved it')
  const { createConnector } = await client.request(CreateConnectorDocument, {
    input: { name: 'Shop', config, testId: tested.id, testGate: 'REQUIRE_PASS' },
  })
  if (createConnector.__typename !== 'CreateConnectorSuccess') throw new Error(createConnector.message)
  const { connector } = createConnector
  say(`  ${green('✔')} ${connector.name}, verification ${bold(connector.verification.state)}`)
  for (const secret of connector.secrets)
    say(dim(`    ${secret.path}: ${secret.isSet ? `set at ${secret.setAt}` : 'not set'}; cannot be read back`))

  chapter('Two datasets, one of them previewed live')
  for (const [name, text] of [
    [
      'Turnover by country',
      'select country, count(*) as orders, sum(amount) as turnover from orders join customers c on c.id = customer_id group by 1 order by 3 desc',
    ],
    ['Latest orders', 'select id, amount, placed_at from orders order by placed_at desc'],
  ] as const) {
    const { createDataset } = await client.request(CreateDatasetDocument, {
      input: { connector: { id: connector.id }, name, query: { postgres: { sql: { text } } } },
    })
    if (createDataset.__typename !== 'CreateDatasetSuccess') throw new Error(createDataset.message)
    if (name !== 'Turnover by country') continue
    const { previewDataset } = await client.request(PreviewDocument, {
      input: { target: { saved: createDataset.dataset.id }, first: 10 },
    })
    if (previewDataset.__typename !== 'PreviewDatasetSuccess') throw new Error(previewDataset.message)
    const { columns, rows } = previewDataset.preview
    table(
      columns.map(column => `${column.name} (${column.type})`),
      rows.map(row => (row as unknown[]).map(String)),
    )
  }

  chapter('A query that would write is refused')
  const { previewDataset: refused } = await client.request(PreviewDocument, {
    input: {
      target: {
        draft: { connector: { id: connector.id }, query: { postgres: { sql: { text: 'delete from orders' } } } },
      },
    },
  })
  if (refused.__typename === 'PreviewFailedError') say(`  ${refused.problem.code}: ${refused.problem.message}`)

  chapter('The server gets another certificate: what has changed since it worked?')
  const renewed = issueCertificate({ commonName: 'localhost', names: ['localhost'], usage: 'server' })
  await postgres.configure({ ...access, files: { 'server.crt': renewed.certificate, 'server.key': renewed.key } })
  await postgres.reload()
  await watchTest(client, { target: { saved: { id: connector.id } } })

  chapter('Deleting the connector, choosing which datasets go with it')
  const { connectorDeletionPlan: plan } = await client.request(DeletionPlanDocument, { id: connector.id })
  const [first, ...rest] = plan?.datasets.nodes ?? []
  if (!plan || !first) throw new Error('The plan is empty.')
  say(`  depends on it: ${[first, ...rest].map(dataset => dataset.name).join(', ')}`)
  const { deleteConnector } = await client.request(DeleteConnectorDocument, {
    input: { connector: { id: connector.id }, impactToken: plan.impactToken, datasets: { ids: [first.id] } },
  })
  if (deleteConnector.__typename !== 'DeleteConnectorSuccess') throw new Error(deleteConnector.message)
  const { datasets } = await client.request(DatasetsDocument, { first: 10 })
  say(`  ${green('✔')} deleted with "${first.name}"`)
  for (const dataset of datasets.nodes) say(dim(`    kept: "${dataset.name}", ${dataset.status}`))
}
