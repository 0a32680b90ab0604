import { X509Certificate } from 'node:crypto'
import { getServers, setServers } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import {
  FollowForChangesDocument,
  type PostgresConfigInput,
  type PostgresConfigPatch,
  SaveConnectorDocument,
  SaveNewConnectorDocument,
  TestForChangesDocument,
  type TestTarget,
  type TestWithChangesFragment,
  WatchForChangesDocument,
} from '../generated/graphql.ts'
import { type Certificate, daysFromNow, issueCertificate } from '../servers/certificates.ts'
import { DnsDouble } from '../servers/dns-double.ts'
import { freePort, PostgresServer, uniqueName } from '../servers/postgres.ts'
import { RecordedApp } from './recorded-app.ts'
import { createSource, type Source } from './source.ts'
import { storageKinds } from './storage.ts'
import { asType } from './typed-result.ts'

const authority = issueCertificate({ commonName: 'Known Root', authority: true })
const otherAuthority = issueCertificate({ commonName: 'Unknown Root', authority: true })
const issue = (issuer: Certificate, validTo = daysFromNow(300)) =>
  issueCertificate({ commonName: 'db', issuer, names: ['127.0.0.1', 'db.test'], usage: 'server', validTo })
const known = issue(authority)
const withRoot = (leaf: Certificate, root: Certificate): Certificate => ({
  ...leaf,
  certificate: leaf.certificate + root.certificate,
})
const fingerprintOf = ({ certificate }: Certificate) => new X509Certificate(certificate).fingerprint256

const addresses: Record<string, string[]> = { 'db.test': ['127.0.0.1'] }
const nameServersBefore = getServers()
function askOnly(nameServers: readonly string[]): void {
  setServers(nameServers)
  // `node:dns` has other functions from now on.
  syncBuiltinESMExports()
}

let names: DnsDouble
let postgres: PostgresServer
beforeAll(async () => {
  names = await DnsDouble.start(addresses)
  askOnly([names.address])
  postgres = await PostgresServer.start()
  await show(known)
})
afterAll(async () => {
  askOnly(nameServersBefore)
  await postgres?.[Symbol.asyncDispose]()
  await names?.[Symbol.asyncDispose]()
})

/** Restarts the server with another certificate. */
async function show({ certificate, key }: Certificate): Promise<void> {
  await postgres.stop()
  await postgres.configure({
    settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
    files: { 'server.crt': certificate, 'server.key': key },
  })
  await postgres.launch()
}

describe.each(storageKinds)('a saved connector that stops working, with its data in %s', kind => {
  let app: RecordedApp
  let source: Source
  beforeAll(async () => {
    app = await RecordedApp.start(kind)
  })
  beforeEach(async () => {
    // An account of its own: refused sign-ins of one test must not hold up the next.
    source = await createSource(postgres)
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
  })

  const tls = { mode: 'VERIFY_FULL', caCertificates: authority.certificate } as const
  const save = async (change: Partial<PostgresConfigInput> = {}) => {
    const input = { name: uniqueName('Orders'), config: source.config({ tls, ...change }) }
    const { createConnector } = await app.client.request(SaveNewConnectorDocument, { input })
    return asType(createConnector, 'CreateConnectorSuccess').connector
  }
  const update = async (id: string, postgresPatch: PostgresConfigPatch) => {
    const input = { connector: { id }, expectedVersion: 1, config: { postgres: postgresPatch } }
    const { updateConnector } = await app.client.request(SaveConnectorDocument, { input })
    return asType(updateConnector, 'UpdateConnectorSuccess').connector
  }
  const run = async (target: TestTarget) => {
    const { testConnection } = await app.client.request(TestForChangesDocument, { input: { target } })
    return asType(testConnection, 'TestConnectionSuccess').test
  }
  const passOnce = async (id: string) => {
    const test = await run({ saved: { id } })
    expect(test.status).toMatch(/^PASSED/)
    expect(test).toMatchObject({ changes: [], changesSummary: null, lastPassedTest: null })
    return test
  }
  const failedWith = (test: TestWithChangesFragment) =>
    test.steps.find(({ status }) => status === 'FAILED')?.problem?.code

  test.each([
    [
      'by another authority',
      withRoot(issue(otherAuthority), otherAuthority),
      'TLS_CERTIFICATE_UNTRUSTED',
      'CN=Unknown Root',
    ],
    ['that has expired', issue(authority, daysFromNow(-0.5)), 'TLS_CERTIFICATE_EXPIRED', 'CN=Known Root'],
  ])(
    'is told of a certificate %s, with both fingerprints, also live and by those who come late',
    async (_, shown, code, issuer) => {
      const { id } = await save()
      const before = await passOnce(id)
      try {
        await show(shown)
        const stream = app.client.subscribe('WebSocket', WatchForChangesDocument, {
          input: { target: { saved: { id } } },
        })
        const end = asType(last(await stream.all()), 'ConnectionTestFinished')
        expect(failedWith(end.test)).toBe(code)
        const [change, ...others] = end.test.changes
        expect(change).toMatchObject({
          subject: 'CERTIFICATE',
          label: 'Server certificate',
          stepKey: 'SECURE',
          before: expect.stringContaining(fingerprintOf(known)),
          after: expect.stringContaining(fingerprintOf(shown)),
          message: expect.stringContaining(`issued by "${issuer}"`),
        })
        expect(others.map(({ label }) => label)).not.toContain('Server certificate')
        expect(end.test.changesSummary).toContain('Server certificate')
        expect(end.test.lastPassedTest).toMatchObject({ id: before.id })
        const late = app.client.subscribe('SSE', FollowForChangesDocument, {
          id: end.test.id,
          afterSequence: end.sequence - 1,
        })
        expect(asType(last(await late.all()), 'ConnectionTestFinished').test).toEqual(end.test)
      } finally {
        await show(known)
      }
    },
  )

  test('is told truthfully of a password that was changed at the server: nothing that can be seen', async () => {
    const { id } = await save()
    await passOnce(id)
    await postgres.sql(`alter role ${source.username} password '${canarySecret()}'`)
    try {
      const after = await run({ saved: { id } })
      expect(failedWith(after)).toBe('CREDENTIALS_REJECTED')
      expect(after.changes).toEqual([])
      expect(after.changesSummary).toContain('Nothing that Patchbay can see has changed')
    } finally {
      await postgres.sql(`alter role ${source.username} password '${source.password}'`)
    }
  })

  test('is told of the secret that was changed, and when, and of an edit before and while it is saved', async () => {
    const { id } = await save()
    await passOnce(id)
    const auth = { password: { password: canarySecret() } }
    const edited = await run({ edit: { connector: { id }, config: { postgres: { auth } } } })
    expect(edited.changes).toMatchObject([{ subject: 'SECRET', field: 'auth.password.password', changedAt: null }])

    const input = { connector: { id }, expectedVersion: 1, config: { postgres: { auth } } }
    const { updateConnector } = await app.client.request(SaveConnectorDocument, {
      input: { ...input, testGate: 'REQUIRE_PASS' },
    })
    const { test: gate } = asType(updateConnector, 'ConnectionTestFailedError')
    expect(gate?.changesSummary).toContain('this has changed: Password.')

    const startedAt = Date.now()
    const saved = await update(id, { auth })
    const setAt = saved.secrets.find(({ path }) => path === 'auth.password.password')?.setAt
    const after = await run({ saved: { id } })
    expect(failedWith(after)).toBe('CREDENTIALS_REJECTED')
    expect(after.changes).toMatchObject([
      { subject: 'SECRET', field: 'auth.password.password', before: null, after: null, changedAt: setAt },
    ])
    expect(Date.parse(String(setAt))).toBeGreaterThanOrEqual(startedAt - 1_000)
  })

  test('is told of fields that were changed', async () => {
    const { id } = await save()
    await passOnce(id)
    const closed = await freePort()
    await update(id, { port: closed, auth: { password: { password: source.password } }, schemas: ['public'] })
    const after = await run({ saved: { id } })
    expect(failedWith(after)).toBe('CONNECTION_REFUSED')
    expect(after.changes).toMatchObject([
      { subject: 'FIELD', field: 'port', label: 'Port', before: String(postgres.port), after: String(closed) },
      { subject: 'FIELD', field: 'schemas', before: null, after: 'public' },
    ])
  })

  test('is told of another address of its host, unless that address is forbidden', async () => {
    const { id } = await save({ host: 'db.test' })
    await passOnce(id)
    try {
      // Nothing listens there.
      addresses['db.test'] = ['127.0.0.2']
      const moved = await run({ saved: { id } })
      expect(failedWith(moved)).toBe('CONNECTION_REFUSED')
      expect(moved.changes).toMatchObject([{ subject: 'ADDRESS', before: '127.0.0.1', after: '127.0.0.2' }])
      expect(moved.changes).toHaveLength(1)

      addresses['db.test'] = ['169.254.169.254']
      const forbidden = await run({ saved: { id } })
      expect(failedWith(forbidden)).toBe('EGRESS_DENIED')
      expect(JSON.stringify(forbidden)).not.toContain('169.254')
      expect(forbidden.changes).toEqual([])
    } finally {
      addresses['db.test'] = ['127.0.0.1']
    }
  })
})

function last<T>(items: readonly T[]): T {
  const item = items.at(-1)
  if (item === undefined) throw new Error('There is nothing.')
  return item
}
