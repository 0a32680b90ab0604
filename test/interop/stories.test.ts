import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect } from '../clients/recipes/graphql-sse.ts'
import { connectorStory, type StorySource } from '../clients/story.ts'
import { byKey } from '../connectors/bigquery/bigquery-run.ts'
import { byKeyPair } from '../connectors/snowflake/snowflake-run.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { RedshiftFacade } from '../servers/redshift-facade.ts'
import { installBigqueryEmulator } from './bigquery-emulator-install.ts'
import { startEmulator } from './bigquery-emulator-scene.ts'
import { BuiltServer } from './built-server.ts'
import { installFakesnow } from './fakesnow-install.ts'
import { startFakesnow } from './fakesnow-scene.ts'
import { installFerretDb } from './ferretdb-install.ts'
import { FerretDb } from './ferretdb-server.ts'
import type { Installation } from './install.ts'
import { installMariadb, startMariadb } from './mariadb-server.ts'
import { installMoto } from './moto-install.ts'
import { MotoServer } from './moto-server.ts'
import type { MysqlProcess } from './mysql-process.ts'
import { configFor, encrypting, serverCertificate } from './mysql-product.ts'
import { installMysql, startMysql } from './mysql-server.ts'

// The other suites of these servers run a type in their own process. Here everything is as it is shipped: the built
// server, its API, and the driver in the sandbox.

async function play(server: BuiltServer, source: StorySource): Promise<void> {
  const client = connect(server.url)
  try {
    expect(await connectorStory(client, source)).toMatchObject({
      testStatus: expect.stringMatching(/^PASSED/),
      verification: 'CURRENT',
      rows: [['lamp'], ['chair']],
      warnedOf: ['the dataset'],
      deletedDatasets: 1,
      foundAfterwards: null,
    })
  } finally {
    client.close()
  }
}

const root = issueCertificate({ commonName: 'Stories Root', authority: true })
const certificate = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const tls = { caCertificates: root.certificate }

async function playMysql(start: (options: ReturnType<typeof encrypting>) => Promise<MysqlProcess>): Promise<void> {
  await using patchbay = await BuiltServer.start()
  await using server = await start(encrypting(serverCertificate))
  await server.sql(`
    create database shop; create table shop.orders (id int primary key, item varchar(20));
    insert into shop.orders values (1, 'lamp'), (2, 'chair');
    create user 'reader'@'%' identified by 'pw'; grant select on shop.* to 'reader'@'%'`)
  const query = { mysql: { table: { name: 'orders', columns: ['item'] } } }
  await play(patchbay, { config: { mysql: configFor(server, 'reader') }, query })
}

async function playFerretDb(): Promise<void> {
  await using patchbay = await BuiltServer.start()
  await using server = await FerretDb.start({ certificate })
  await server.administer(async admin => {
    const orders = admin.db('shop').collection<{ _id: number; item: string }>('orders')
    await orders.insertMany([
      { _id: 1, item: 'lamp' },
      { _id: 2, item: 'chair' },
    ])
    await admin.db('admin').command({ createUser: 'reader', pwd: 'pw', roles: [] })
  })
  const hosts = [{ host: '127.0.0.1', port: server.port }]
  const auth = { scram: { username: 'reader', password: 'pw' } }
  const find = { projection: '{ "_id": 0, "item": 1 }', sort: '{ "_id": 1 }' }
  await play(patchbay, {
    config: { mongodb: { hosts, auth, tls } },
    query: { mongodb: { database: 'shop', collection: 'orders', operation: { find } } },
  })
}

/** moto takes the one who asks for a user of the database of his own name, without asking the database. */
async function playRedshift(): Promise<void> {
  await using moto = await MotoServer.start()
  await using facade = await RedshiftFacade.start({
    hba: ['host all admin 127.0.0.1/32 scram-sha-256', 'hostssl all "IAM:ann" 127.0.0.1/32 trust'],
    settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
    files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
  })
  await facade.sql(`
    create table orders (id int, item text); insert into orders values (1, 'lamp'), (2, 'chair');
    create role "IAM:ann" login; grant select on orders to "IAM:ann"`)
  await moto.call('redshift', 'CreateCluster', {
    ClusterIdentifier: 'sales',
    ClusterType: 'single-node',
    NodeType: 'dc2.large',
    MasterUsername: 'admin',
    MasterUserPassword: 'Passw0rd1',
    DBName: 'dev',
  })
  await playByRole(moto, ['redshift:GetClusterCredentials'], credentials => {
    const deployment = { cluster: { clusterIdentifier: 'sales' } }
    const iam = { deployment, region: 'eu-west-1', databaseUser: 'ann', credentials }
    return {
      config: { redshift: { host: '127.0.0.1', port: facade.port, auth: { iam }, tls } },
      query: { redshift: { table: { name: 'orders', columns: ['item'] } } },
    }
  })
}

async function playS3(): Promise<void> {
  await using moto = await MotoServer.start()
  await moto.addBucket('sales')
  await moto.putObject('sales', 'orders.csv', 'id,item\n1,lamp\n2,chair\n')
  await playByRole(moto, ['s3:ListBucket', 's3:GetObject'], credentials => ({
    config: { s3: { bucket: 'sales', region: 'eu-west-1', credentials } },
    query: { s3: { source: { key: { key: 'orders.csv' } }, columns: ['item'] } },
  }))
}

async function playAthena(): Promise<void> {
  await using moto = await MotoServer.start()
  // For the query of the test, and for the dataset's.
  await moto.queueResults('eu-west-1', [
    { columns: [['_col0', 'integer']], rows: [['1']] },
    { columns: [['item', 'varchar']], rows: [['lamp'], ['chair']] },
  ])
  await playByRole(moto, ['athena:Get*', 'athena:StartQueryExecution'], credentials => ({
    config: { athena: { region: 'eu-west-1', credentials, outputLocation: 's3://results/patchbay/' } },
    query: { athena: { table: { database: 'shop', name: 'orders', columns: ['item'] } } },
  }))
}

async function playSnowflake(): Promise<void> {
  await using fakesnow = await startFakesnow([
    'create table orders (id int, item varchar)',
    "insert into orders values (1, 'lamp'), (2, 'chair')",
  ])
  await using patchbay = await BuiltServer.start(cloudEndpoints(fakesnow))
  const query = { snowflake: { table: { name: 'ORDERS', columns: ['ITEM'] } } }
  await play(patchbay, { config: { snowflake: byKeyPair() }, query })
}

async function playBigquery(): Promise<void> {
  await using emulator = await startEmulator([
    'create table sales.orders (id int64, item string)',
    'insert into sales.orders values (1, "lamp"), (2, "chair")',
  ])
  await using patchbay = await BuiltServer.start(cloudEndpoints(emulator))
  const query = { bigquery: { sql: { text: 'select item from orders order by id' } } }
  await play(patchbay, { config: { bigquery: byKey() }, query })
}

const cloudEndpoints = ({ endpoints }: { readonly endpoints: Readonly<Record<string, string>> }) => ({
  CLOUD_ENDPOINTS: Object.entries(endpoints)
    .map(([name, url]) => `${name}=${url}`)
    .join(','),
})

/** `source`: what a role leads to that may do these actions, and that Patchbay assumes by an identity of its own. */
async function playByRole(
  moto: MotoServer,
  actions: readonly string[],
  source: (credentials: object) => StorySource,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-stories-'))
  try {
    const { accessKeyId, secretAccessKey } = await moto.addUser('operator', ['sts:AssumeRole'])
    const identityFile = join(directory, 'identity.json')
    const identity = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey }
    await writeFile(identityFile, JSON.stringify(identity), { mode: 0o600 })
    const endpoints = Object.entries(moto.endpoints).map(([service, url]) => `${service}=${url}`)
    await using patchbay = await BuiltServer.start({
      AWS_IDENTITY_FILE: identityFile,
      AWS_ENDPOINTS: endpoints.join(','),
    })
    const roleArn = await moto.addRole('patchbay', actions, await externalIdOf(patchbay))
    await moto.checkRights()
    await play(patchbay, source({ assumeRole: { roleArn } }))
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** As whoever writes the trust policy of a role finds it. */
async function externalIdOf(server: BuiltServer): Promise<string> {
  const client = connect(server.url)
  try {
    const { viewer } = (await client.run('{ viewer { awsExternalId } }', {})) as { viewer: { awsExternalId: string } }
    return viewer.awsExternalId
  } finally {
    client.close()
  }
}

interface Case {
  readonly name: string
  readonly install: () => Promise<Installation>
  readonly play: () => Promise<void>
}

const cases: readonly Case[] = [
  { name: 'MariaDB', install: installMariadb, play: () => playMysql(startMariadb) },
  { name: 'MySQL 8', install: installMysql, play: () => playMysql(startMysql) },
  { name: 'FerretDB', install: installFerretDb, play: playFerretDb },
  { name: 'moto, and a PostgreSQL in the place of Redshift', install: installMoto, play: playRedshift },
  { name: 'S3 on moto', install: installMoto, play: playS3 },
  { name: 'Athena on moto', install: installMoto, play: playAthena },
  { name: 'Snowflake on fakesnow', install: installFakesnow, play: playSnowflake },
  { name: 'BigQuery on the emulator', install: installBigqueryEmulator, play: playBigquery },
]

for (const { name, install, play: playCase } of cases) {
  const installation = await install()
  test(`the whole story of a connector, with ${name}`, async context => {
    if (!installation.installed) context.skip(installation.reason)
    await playCase()
  })
}
