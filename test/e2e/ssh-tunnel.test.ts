import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import {
  FindConnectorDocument,
  type PostgresConfigInput,
  type PostgresConfigPatch,
  PreviewDocument,
  RunTestDocument,
  SaveConnectorDocument,
  SaveNewConnectorDocument,
  type TestTarget,
} from '../generated/graphql.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { opensshKey } from '../servers/ssh-keys.ts'
import { fingerprintOf, makeHostKey, SshServer } from '../servers/ssh-server.ts'
import { RecordedApp } from './recorded-app.ts'
import { createSource, type Source } from './source.ts'
import { asType } from './typed-result.ts'

const hostKey = makeHostKey()
const hostKeyFingerprint = fingerprintOf(hostKey)
const key = opensshKey('ed25519', { passphrase: canarySecret() })

describe('a connector through an SSH server', () => {
  let app: RecordedApp
  let postgres: PostgresServer
  let source: Source
  let byPassword: SshServer
  let byKey: SshServer

  beforeAll(async () => {
    postgres = await PostgresServer.start()
    source = await createSource(postgres)
    byPassword = await SshServer.start({ hostKeys: [hostKey], password: canarySecret() })
    byKey = await SshServer.start({ hostKeys: [hostKey], authorizedKeys: [key.publicKey] })
    app = await RecordedApp.start('SQLite')
    for (const line of key.privateKey.split('\n').slice(3, -2)) app.recorder.searchFor('an SSH key', line)
  })
  afterAll(async () => {
    for (const started of [app, byPassword, byKey, postgres]) await started?.[Symbol.asyncDispose]()
  })

  const withTunnel = (server: SshServer, change: Partial<PostgresConfigInput['sshTunnel']> = {}) =>
    source.config({
      sshTunnel: {
        host: '127.0.0.1',
        port: server.port,
        username: server.username,
        auth: { password: { password: server.password } },
        hostKeyFingerprint,
        ...change,
      },
    })
  const privateKey = { privateKey: { privateKey: key.privateKey, passphrase: key.passphrase ?? '' } }
  const created = async (config: { readonly postgres: PostgresConfigInput }) => {
    const input = { name: uniqueName('Tunnelled'), config, testGate: 'REQUIRE_PASS' as const }
    const { createConnector } = await app.client.request(SaveNewConnectorDocument, { input })
    return asType(createConnector, 'CreateConnectorSuccess').connector
  }
  const update = async (
    { id, version }: { readonly id: string; readonly version: number },
    patch: PostgresConfigPatch,
    testGate: 'NONE' | 'REQUIRE_PASS' = 'NONE',
  ) => {
    const input = { connector: { id }, expectedVersion: version, config: { postgres: patch }, testGate }
    return (await app.client.request(SaveConnectorDocument, { input })).updateConnector
  }
  const tested = async (target: TestTarget) => {
    const { testConnection } = await app.client.request(RunTestDocument, { input: { target } })
    return asType(testConnection, 'TestConnectionSuccess').test
  }

  test('is tested, saved, previewed and shown without its secrets', async () => {
    const draft = withTunnel(byKey, {
      auth: privateKey,
      hostKeyFingerprint: `256 ${hostKeyFingerprint} root@bastion (ED25519)`,
    })
    const test = await tested({ draft })
    expect(test.steps.map(({ key, status, problem }) => [key, status, problem?.code ?? null])).toEqual([
      ['RESOLVE', 'PASSED', null],
      ['EGRESS', 'PASSED', null],
      ['CONNECT', 'PASSED', null],
      ['TUNNEL', 'PASSED', null],
      ['CONNECT', 'PASSED', null],
      ['GREET', 'PASSED', null],
      ['SECURE', 'WARNING', 'CONNECTION_NOT_ENCRYPTED'],
      ['SIGN_IN', 'PASSED', null],
      ['OPEN', 'PASSED', null],
      ['READ', 'PASSED', null],
      ['LEAST_PRIVILEGE', 'PASSED', null],
    ])
    const tries = source.signInAttempts()
    const connector = await created(draft)
    expect(source.signInAttempts()).toBe(tries + 1)
    expect(connector.secrets.filter(({ isSet }) => isSet).map(({ path }) => path)).toEqual([
      'auth.password.password',
      'sshTunnel.auth.privateKey.privateKey',
      'sshTunnel.auth.privateKey.passphrase',
    ])
    const { connector: found } = await app.client.request(FindConnectorDocument, { by: { id: connector.id } })
    expect(found?.formData).toHaveProperty('sshTunnel', {
      host: '127.0.0.1',
      port: byKey.port,
      username: byKey.username,
      auth: { privateKey: {} },
      hostKeyFingerprint,
    })
    const query = { postgres: { sql: { text: 'select item from orders order by id' } } }
    const target = { draft: { connector: { id: connector.id }, query } }
    const { previewDataset } = await app.client.request(PreviewDocument, { input: { target } })
    expect(asType(previewDataset, 'PreviewDatasetSuccess').preview.rows).toEqual([['lamp'], ['chair']])
    await source.untilNoSessions()
    await vi.waitFor(() => expect(byKey.openConnections).toBe(0))
  })

  test('keeps its secrets where nothing about the way changes', async () => {
    const connector = await created(withTunnel(byPassword))
    const saved = asType(
      await update(connector, { schemas: ['public'], sshTunnel: { username: byPassword.username } }, 'REQUIRE_PASS'),
      'UpdateConnectorSuccess',
    )
    const setAt = (secrets: typeof connector.secrets) => secrets.map(({ path, setAt }) => [path, setAt])
    expect(setAt(saved.connector.secrets)).toEqual(setAt(connector.secrets))
    const test = await tested({ saved: { id: connector.id } })
    expect(test.status).toBe('PASSED_WITH_WARNINGS')
  })

  const other = fingerprintOf(makeHostKey())
  const ofDatabase = ['auth.password.password']
  const ofBoth = [...ofDatabase, 'sshTunnel.auth.password.password']
  test.each<[string, PostgresConfigPatch, readonly string[], readonly string[]]>([
    ['another SSH server', { sshTunnel: { host: 'localhost' } }, ['sshTunnel.host'], ofBoth],
    ['another port', { sshTunnel: { port: 2222 } }, ['sshTunnel.port'], ofBoth],
    ['another host key', { sshTunnel: { hostKeyFingerprint: other } }, ['sshTunnel.hostKeyFingerprint'], ofBoth],
    ['no host key', { sshTunnel: { hostKeyFingerprint: null } }, ['sshTunnel.hostKeyFingerprint'], ofBoth],
    [
      'no tunnel',
      { sshTunnel: null },
      ['sshTunnel.host', 'sshTunnel.port', 'sshTunnel.hostKeyFingerprint'],
      ofDatabase,
    ],
  ])('asks for the secrets again, also the database`s: %s', async (_, patch, changed, secrets) => {
    const connector = await created(withTunnel(byPassword))
    const tries = [source.signInAttempts(), byPassword.attempts.length]
    const refusal = asType(await update(connector, patch), 'SecretReentryRequiredError')
    expect(refusal.changedFields).toEqual(expect.arrayContaining([...changed]))
    expect(refusal.secretFields).toEqual(secrets)
    const input = { target: { edit: { connector: { id: connector.id }, config: { postgres: patch } } } }
    const { testConnection } = await app.client.request(RunTestDocument, { input })
    asType(testConnection, 'SecretReentryRequiredError')
    expect([source.signInAttempts(), byPassword.attempts.length]).toEqual(tries)
  })

  test('asks for the secrets again when a tunnel is put in between', async () => {
    const connector = await created(source.config())
    const { sshTunnel } = withTunnel(byPassword).postgres
    const refusal = asType(await update(connector, { sshTunnel }), 'SecretReentryRequiredError')
    expect(refusal.secretFields).toEqual(['auth.password.password'])
    const auth = { password: { password: source.password } }
    asType(await update(connector, { sshTunnel, auth }, 'REQUIRE_PASS'), 'UpdateConnectorSuccess')
  })

  test('names a refused SSH account', async () => {
    const { testConnection } = await app.client.request(RunTestDocument, {
      input: { target: { draft: withTunnel(byPassword, { auth: { password: { password: canarySecret() } } }) } },
    })
    const { steps } = asType(testConnection, 'TestConnectionSuccess').test
    const failed = steps.find(({ status }) => status === 'FAILED')
    expect([failed?.key, failed?.problem?.code]).toEqual(['TUNNEL', 'TUNNEL_CREDENTIALS_REJECTED'])
    expect(failed?.problem?.fields).toEqual(['sshTunnel.auth.password.password', 'sshTunnel.username'])
  })

  test('shows what an SSH server says, but no secret and nothing that a screen obeys', async () => {
    const { password } = byPassword
    const text = `\u001b[2J\u202e${password} ${Buffer.from(password).toString('base64')} ${'no. '.repeat(2_000)}`
    await using talkative = await SshServer.start({
      hostKeys: [hostKey],
      password,
      forward: () => ({ reason: 1, text }),
    })
    const test = await tested({ draft: withTunnel(talkative) })
    const problem = test.steps.find(({ status }) => status === 'FAILED')?.problem
    expect(problem?.code).toBe('TUNNEL_FORWARDING_REFUSED')
    expect(problem?.detail).toContain('no. no.')
    expect(problem?.detail).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(problem?.detail).not.toContain(password)
    expect(problem?.detail?.length).toBeLessThanOrEqual(300)
  })

  test('is refused with every fault of the form, none of which shows a secret', async () => {
    const config = withTunnel(byPassword, {
      host: 'ssh://bastion',
      hostKeyFingerprint: 'MD5:00',
      auth: { privateKey: { privateKey: key.publicKey } },
    })
    const { createConnector } = await app.client.request(SaveNewConnectorDocument, {
      input: { name: uniqueName('Bad'), config },
    })
    expect(asType(createConnector, 'ValidationError').issues.map(({ path }) => path)).toEqual([
      'sshTunnel.host',
      'sshTunnel.auth.privateKey.privateKey',
      'sshTunnel.hostKeyFingerprint',
    ])
  })
})
