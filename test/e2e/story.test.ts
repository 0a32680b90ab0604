import { createPrivateKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import {
  CountConnectorsDocument,
  type CreateConnectorInput,
  CreateDatasetDocument,
  DatasetsDocument,
  DeleteConnectorDocument,
  type DeleteConnectorInput,
  DeletionPlanDocument,
  FindConnectorDocument,
  type PostgresConfigPatch,
  PreviewDocument,
  RunTestDocument,
  SaveConnectorDocument,
  SaveNewConnectorDocument,
  type TestTarget,
  type UpdateConnectorInput,
  WatchTestDocument,
} from '../generated/graphql.ts'
import { proves } from '../proofs/proves.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { silentServer } from '../servers/hostile-servers.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { HoldingProxy } from './holding-proxy.ts'
import { RecordedApp } from './recorded-app.ts'
import { createSource, type Source } from './source.ts'
import { storageKinds } from './storage.ts'
import { asType } from './typed-result.ts'

const authority = issueCertificate({ commonName: 'Story Root', authority: true })
const serverCertificate = issueCertificate({
  commonName: 'db',
  issuer: authority,
  names: ['127.0.0.1'],
  usage: 'server',
})
const newClientCertificate = () => issueCertificate({ commonName: 'careful', issuer: authority, usage: 'client' })
const carefulPassword = canarySecret()

let postgres: PostgresServer

beforeAll(async () => {
  postgres = await PostgresServer.start({
    hba: [
      'hostssl all careful 127.0.0.1/32 scram-sha-256 clientcert=verify-full',
      'host all all 127.0.0.1/32 scram-sha-256',
    ],
    settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key', ssl_ca_file: 'ca.crt' },
    files: {
      'server.crt': serverCertificate.certificate,
      'server.key': serverCertificate.key,
      'ca.crt': authority.certificate,
    },
  })
  await postgres.sql(`create role careful login password '${carefulPassword}'`)
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

describe.each(storageKinds)('a connector, stored in %s', kind => {
  let app: RecordedApp
  let source: Source

  beforeAll(async () => {
    ;[app, source] = await Promise.all([RecordedApp.start(kind), createSource(postgres)])
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
  })

  const create = async (input: Omit<CreateConnectorInput, 'name'> & { readonly name?: string }) => {
    const { createConnector } = await app.client.request(SaveNewConnectorDocument, {
      input: { name: uniqueName('Orders'), ...input },
    })
    return createConnector
  }
  const created = async (input: Parameters<typeof create>[0]) =>
    asType(await create(input), 'CreateConnectorSuccess').connector
  const update = async (input: UpdateConnectorInput) =>
    (await app.client.request(SaveConnectorDocument, { input })).updateConnector
  const updated = async (input: UpdateConnectorInput) => asType(await update(input), 'UpdateConnectorSuccess').connector
  const find = async (id: string) => (await app.client.request(FindConnectorDocument, { by: { id } })).connector
  const runTest = async (target: TestTarget) =>
    (await app.client.request(RunTestDocument, { input: { target } })).testConnection
  const tested = async (target: TestTarget) => asType(await runTest(target), 'TestConnectionSuccess').test
  const createDataset = async (connectorId: string) => {
    const input = { connector: { id: connectorId }, name: uniqueName('Items'), query: { postgres: itemsQuery } }
    const { createDataset } = await app.client.request(CreateDatasetDocument, { input })
    return asType(createDataset, 'CreateDatasetSuccess').dataset
  }
  const remove = async (input: DeleteConnectorInput) =>
    (await app.client.request(DeleteConnectorDocument, { input })).deleteConnector
  /** How many rows there are of what saving a connector stores. */
  const stored = async () => {
    const count = (table: string) => `(select count(*) from ${table}) as ${table}`
    const tables = ['connectors', 'secret_versions', 'sealed_secrets', 'idempotency_keys']
    const [row] = await app.storage.sql(`select ${tables.map(count).join(', ')}`)
    return row
  }

  test('goes from a streamed test of a draft to its deletion with a choice of its datasets', async () => {
    await using proxy = await HoldingProxy.start(postgres.port, 'orders')
    const config = source.config({ port: proxy.port })
    const stream = app.client.subscribe('SSE', WatchTestDocument, { input: { target: { draft: config } } })
    await proxy.held
    const children = app.recordChildren()
    expect(children.length).toBeGreaterThan(0)
    expect(children.map(child => child.environment)).toEqual(children.map(() => ''))
    proxy.release()
    const events = await stream.all()
    const finish = asType(events.at(-1) ?? never(), 'ConnectionTestFinished')
    expect(finish.test.status).toBe('PASSED_WITH_WARNINGS')
    expect(finish.test.steps.map(({ key, status, problem }) => [key, status, problem?.code ?? null])).toEqual([
      ['RESOLVE', 'PASSED', null],
      ['EGRESS', 'PASSED', null],
      ['CONNECT', 'PASSED', null],
      ['GREET', 'PASSED', null],
      ['SECURE', 'WARNING', 'CONNECTION_NOT_ENCRYPTED'],
      ['SIGN_IN', 'PASSED', null],
      ['OPEN', 'PASSED', null],
      ['READ', 'PASSED', null],
      ['LEAST_PRIVILEGE', 'PASSED', null],
    ])

    const connector = await created({ config, testId: finish.test.id, testGate: 'REQUIRE_PASS' })
    expect(connector.verification).toEqual({
      state: 'CURRENT',
      changedFields: [],
      test: { id: finish.test.id, status: 'PASSED_WITH_WARNINGS' },
    })
    expect(connector.secrets.filter(({ isSet }) => isSet).map(({ path }) => path)).toEqual(['auth.password.password'])
    expect(JSON.stringify((await find(connector.id))?.formData)).not.toContain('"password":"')

    const [first, second] = [await createDataset(connector.id), await createDataset(connector.id)]
    const { previewDataset } = await app.client.request(PreviewDocument, { input: { target: { saved: first.id } } })
    expect(asType(previewDataset, 'PreviewDatasetSuccess').preview).toMatchObject({
      columns: [{ name: 'item', nativeType: 'text', type: 'TEXT' }],
      rows: [['lamp'], ['chair']],
      truncated: false,
    })

    const id = connector.id
    const warning = asType(await remove({ connector: { id } }), 'ConnectorInUseError')
    expect(warning.plan?.datasets.nodes.map(dataset => dataset.id).sort()).toEqual([first.id, second.id].sort())
    expect(await find(id)).not.toBeNull()
    const { connectorDeletionPlan: plan } = await app.client.request(DeletionPlanDocument, { id })
    expect(plan?.impactToken).toBe(warning.plan?.impactToken)

    const third = await createDataset(id)
    const choice = { connector: { id }, impactToken: plan?.impactToken, datasets: { ids: [first.id] } }
    asType(await remove(choice), 'ConflictError')
    const { connectorDeletionPlan: newPlan } = await app.client.request(DeletionPlanDocument, { id })
    const deletion = asType(await remove({ ...choice, impactToken: newPlan?.impactToken }), 'DeleteConnectorSuccess')
    expect(deletion).toMatchObject({ deletedConnectorId: id, deletedDatasetIds: [first.id] })
    expect(await find(id)).toBeNull()
    const { datasets } = await app.client.request(DatasetsDocument, { first: 100 })
    const left = datasets.nodes.filter(dataset => [first.id, second.id, third.id].includes(dataset.id))
    expect(left.map(({ id: datasetId, status, connector: at }) => [datasetId, status, at]).sort()).toEqual(
      [second.id, third.id].map(datasetId => [datasetId, 'DISCONNECTED', null]).sort(),
    )
  })

  test('keeps, replaces and clears secrets in one update, and the data source sees just these', async () => {
    const [old, renewed] = [newClientCertificate(), newClientCertificate()]
    const passphrase = canarySecret()
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const
    const encryptedKey = createPrivateKey(old.key).export(cipher).toString()
    for (const key of [old.key, encryptedKey, renewed.key]) app.recorder.searchFor('a client key', longestLine(key))
    const base = source.config({
      database: 'postgres',
      auth: { password: { username: 'careful', password: carefulPassword } },
      tls: {
        caCertificates: authority.certificate,
        clientCertificate: old.certificate,
        clientKey: encryptedKey,
        clientKeyPassphrase: passphrase,
      },
    })
    const { id, version, secrets } = await created({ config: base, testGate: 'REQUIRE_PASS' })
    const before = byPath(secrets)
    expect(Object.keys(before).filter(path => before[path]?.isSet)).toEqual([
      'auth.password.password',
      'tls.clientKey',
      'tls.clientKeyPassphrase',
    ])

    const tls = { clientCertificate: renewed.certificate, clientKey: renewed.key, clientKeyPassphrase: null }
    const config = { postgres: { tls } }
    const after = await updated({ connector: { id }, expectedVersion: version, config, testGate: 'REQUIRE_PASS' })
    const states = byPath(after.secrets)
    expect(states['auth.password.password']?.setAt).toBe(before['auth.password.password']?.setAt)
    expect(states['tls.clientKey']?.setAt).not.toBe(before['tls.clientKey']?.setAt)
    expect(states['tls.clientKeyPassphrase']).toMatchObject({ isSet: false, setAt: null })
    expect(after.version).toBe(version + 1)
    const test = await tested({ saved: { id } })
    expect(test.steps.find(step => step.key === 'SIGN_IN')?.status).toBe('PASSED')

    // A required secret cannot be cleared.
    const cleared = { postgres: { auth: { password: { password: null } } } }
    const refusal = await update({ connector: { id }, expectedVersion: after.version, config: cleared })
    expect(asType(refusal, 'ValidationError').issues).toMatchObject([{ path: 'auth.password.password' }])
  })

  test('sends stored secrets nowhere else, neither when saved nor when tested', async () => {
    await using elsewhere = await silentServer()
    const connector = await created({ config: source.config() })
    const { id, version } = connector
    const refused = async (patch: PostgresConfigPatch, changedFields: readonly string[]) => {
      const config = { postgres: patch }
      const refusal = { changedFields, secretFields: ['auth.password.password'], code: 'SECRET_REENTRY_REQUIRED' }
      const saved = await update({ connector: { id }, expectedVersion: version, config })
      expect(asType(saved, 'SecretReentryRequiredError')).toMatchObject(refusal)
      const gated = await update({ connector: { id }, expectedVersion: version, config, testGate: 'REQUIRE_PASS' })
      expect(asType(gated, 'SecretReentryRequiredError')).toMatchObject(refusal)
      const target = { edit: { connector: { id }, config } }
      expect(asType(await runTest(target), 'SecretReentryRequiredError')).toMatchObject(refusal)
      const stream = app.client.subscribe('SSE', WatchTestDocument, { input: { target } })
      expect(await stream.all()).toMatchObject([{ __typename: 'SecretReentryRequiredError', ...refusal }])
    }
    await refused({ port: elsewhere.port }, ['port'])
    await refused({ host: 'localhost', port: elsewhere.port, database: 'other' }, ['host', 'port'])
    await refused({ tls: { mode: 'REQUIRE' } }, ['tls.mode'])
    expect(elsewhere.connections).toBe(0)
    expect(await find(id)).toMatchObject({ version, verification: { state: 'NEVER' }, tests: { nodes: [] } })

    const password = canarySecret()
    const config = { postgres: { port: elsewhere.port, auth: { password: { password } } } }
    expect((await updated({ connector: { id }, expectedVersion: version, config })).version).toBe(version + 1)
    expect(elsewhere.connections).toBe(0)
  })

  test('knows whether its last test still speaks of it', async () => {
    const connector = await created({ config: source.config() })
    const { id } = connector
    expect(connector.verification).toEqual({ state: 'NEVER', changedFields: [], test: null })
    const passed = await tested({ saved: { id } })
    expect((await find(id))?.verification).toEqual({
      state: 'CURRENT',
      changedFields: [],
      test: { id: passed.id, status: 'PASSED_WITH_WARNINGS' },
    })

    const change = async (expectedVersion: number, postgres: PostgresConfigPatch) =>
      (await updated({ connector: { id }, expectedVersion, config: { postgres } })).verification
    expect(await change(1, { database: 'nowhere', schemas: ['public'] })).toMatchObject({
      state: 'OUTDATED',
      changedFields: ['database', 'schemas'],
      test: { id: passed.id },
    })
    const failed = await tested({ saved: { id } })
    expect((await find(id))?.verification).toMatchObject({
      state: 'FAILED',
      changedFields: [],
      test: { id: failed.id, status: 'FAILED' },
    })
    expect(await change(2, { auth: { password: { password: canarySecret() } } })).toMatchObject({
      state: 'OUTDATED',
      changedFields: ['auth.password.password'],
    })
    expect((await find(id))?.tests.nodes.map(test => test.id)).toEqual([failed.id, passed.id])
  })

  test('adopts a test of just what is saved, and no other', async () => {
    const draft = source.config()
    const { id: testId } = await tested({ draft })
    const other = asType(await create({ config: source.config({ schemas: ['public'] }), testId }), 'ValidationError')
    expect(other.issues).toMatchObject([{ path: 'testId' }])
    const password = { password: { username: source.username, password: canarySecret() } }
    const otherSecret = asType(await create({ config: source.config({ auth: password }), testId }), 'ValidationError')
    expect(otherSecret.issues).toMatchObject([{ path: 'testId' }])
    const { id, version, verification } = await created({ config: draft, testId })
    expect(verification).toMatchObject({ state: 'CURRENT', test: { id: testId } })

    const config = { postgres: { schemas: ['public'] } }
    const edit = await tested({ edit: { connector: { id }, config } })
    expect((await find(id))?.verification).toMatchObject({ state: 'CURRENT', test: { id: testId } })
    const saved = await updated({ connector: { id }, expectedVersion: version, config, testId: edit.id })
    expect(saved.verification).toMatchObject({ state: 'CURRENT', test: { id: edit.id } })
  })

  test('is not saved when a pass is required and its test fails: no row and no secret is left', async () => {
    const wrong = source.config({ auth: { password: { username: source.username, password: canarySecret() } } })
    const before = await stored()
    const name = uniqueName('Refused')
    const refusal = await create({ name, config: wrong, testGate: 'REQUIRE_PASS', idempotencyKey: name })
    const failure = asType(refusal, 'ConnectionTestFailedError')
    expect(failure.test?.steps.find(step => step.status === 'FAILED')).toMatchObject({
      key: 'SIGN_IN',
      problem: { code: 'CREDENTIALS_REJECTED' },
    })
    const named = asType(
      await create({ config: wrong, testGate: 'REQUIRE_PASS', testId: failure.test?.id ?? null }),
      'ConnectionTestFailedError',
    )
    expect(named.test?.id).toBe(failure.test?.id)
    expect(await stored()).toEqual(before)
    const { connectors } = await app.client.request(CountConnectorsDocument, { search: name })
    expect(connectors.totalCount).toBe(0)

    const { id, version } = await created({ config: source.config() })
    const withOne = await stored()
    const config = { postgres: { auth: { password: { password: canarySecret() } } } }
    const edit = { connector: { id }, expectedVersion: version, config, testGate: 'REQUIRE_PASS' } as const
    asType(await update(edit), 'ConnectionTestFailedError')
    expect(await stored()).toEqual(withOne)
    expect(await find(id)).toMatchObject({ version })
    expect((await tested({ saved: { id } })).status).toBe('PASSED_WITH_WARNINGS')
  })

  test('is created once, however often the same request comes', async () => {
    const input = { name: uniqueName('Once'), config: source.config(), idempotencyKey: uniqueName('key') }
    const answers = await Promise.all([created(input), created(input), created(input)])
    answers.push(await created(input))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    const { connectors } = await app.client.request(CountConnectorsDocument, { search: input.name })
    expect(connectors.totalCount).toBe(1)
    asType(await create({ ...input, name: uniqueName('Other') }), 'IdempotencyKeyReusedError')
    const otherSecret = { auth: { password: { username: source.username, password: canarySecret() } } }
    asType(await create({ ...input, config: source.config(otherSecret) }), 'IdempotencyKeyReusedError')
  })

  test('is changed by one of two who change it at once; the other is told', async () => {
    const { id, version } = await created({ config: source.config() })
    const rename = (name: string) => update({ connector: { id }, expectedVersion: version, name })
    const answers = await Promise.all([rename(uniqueName('One')), rename(uniqueName('Two'))])
    expect(answers.map(answer => answer.__typename).sort()).toEqual(['ConflictError', 'UpdateConnectorSuccess'])
    const late = asType(await rename(uniqueName('Late')), 'ConflictError')
    expect(late).toMatchObject({ code: 'CONFLICT', currentVersion: version + 1 })
  })

  test('can be deleted while the data source is down', async () => {
    const proxy = await HoldingProxy.start(postgres.port, 'never sent')
    const { id } = await created({ config: source.config({ port: proxy.port }), testGate: 'REQUIRE_PASS' })
    const dataset = await createDataset(id)
    await proxy[Symbol.asyncDispose]()
    expect((await tested({ saved: { id } })).status).toBe('FAILED')
    const { connectorDeletionPlan: plan } = await app.client.request(DeletionPlanDocument, { id })
    const input = { connector: { id }, impactToken: plan?.impactToken, datasets: { all: true } }
    expect(asType(await remove(input), 'DeleteConnectorSuccess').deletedDatasetIds).toEqual([dataset.id])
    expect(await find(id)).toBeNull()
  })

  test('says that its secrets cannot be read, and can be given them again or be deleted', async () => {
    const connectors = [await created({ config: source.config() }), await created({ config: source.config() })]
    const [mended, deleted] = connectors.map(({ id }) => ({ id }))
    if (!mended || !deleted) throw new Error('Two connectors were made.')
    const dataset = await createDataset(deleted.id)
    for (const { secrets } of connectors) {
      const version = secrets.find(({ isSet }) => isSet)?.version
      await app.storage.sql(
        `update sealed_secrets set ciphertext = '${'A'.repeat(80)}' where version_id = '${version}'`,
      )
    }
    expect(await tested({ saved: deleted })).toMatchObject({
      status: 'ERRORED',
      problem: { code: 'SECRET_UNREADABLE', origin: 'SECRET_STORE' },
    })
    const { previewDataset } = await app.client.request(PreviewDocument, { input: { target: { saved: dataset.id } } })
    expect(asType(previewDataset, 'PreviewFailedError').problem.code).toBe('SECRET_UNREADABLE')
    proves('ANY', 'SECRET_UNREADABLE', 'REAL_SERVER')

    const again = { postgres: { auth: { password: { password: source.password } } } }
    await updated({ connector: mended, expectedVersion: 1, config: again, testGate: 'REQUIRE_PASS' })
    expect((await tested({ saved: mended })).status).toBe('PASSED_WITH_WARNINGS')

    const { connectorDeletionPlan: plan } = await app.client.request(DeletionPlanDocument, deleted)
    const removal = await remove({ connector: deleted, impactToken: plan?.impactToken })
    expect(asType(removal, 'DeleteConnectorSuccess').deletedDatasetIds).toEqual([])
    expect(await find(deleted.id)).toBeNull()
  })
})

const itemsQuery = { table: { name: 'orders', columns: ['item'] } }

const byPath = <State extends { readonly path: string }>(secrets: readonly State[]): Readonly<Record<string, State>> =>
  Object.fromEntries(secrets.map(state => [state.path, state]))

/** Of a PEM: enough to recognise it, however its lines are joined. */
const longestLine = (pem: string): string => pem.split('\n').find(line => line.length === 64) ?? pem

function never(): never {
  throw new Error('There is nothing.')
}
