import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeGlobalId, encodeGlobalId } from '../../src/schema/global-id.ts'
import { newApiTokenParts, parseApiToken } from '../../src/services/api-token-text.ts'
import { Recorder } from '../canary/recorder.ts'
import { plainSecret, spellings } from '../canary/secrets.ts'
import { createStorage, type Storage, storageKinds } from '../e2e/storage.ts'
import { startTenants, type Tenant, type TenantClient, type Tenants } from '../e2e/tenants.ts'
import { startTestApp } from '../harness.ts'

const fields = `
  __typename id name prefix status scopes createdAt createdBy createdById expiresAt lastUsedAt revokedAt revokedBy
  viewerCanRevoke
`
const createDocument = `mutation ($input: CreateApiTokenInput!) {
  createApiToken(input: $input) {
    __typename
    ... on CreateApiTokenSuccess { secret token { ${fields} } }
    ... on Error { code message }
    ... on ValidationError { issues { path inputPath message } }
    ... on LimitReachedError { limit }
  }
}`
const revokeDocument = `mutation ($id: ID!) {
  revokeApiToken(input: { id: $id }) {
    __typename
    ... on RevokeApiTokenSuccess { token { ${fields} } }
    ... on Error { code message }
  }
}`
const listDocument = `query ($first: Int, $after: String, $filter: ApiTokenFilter) {
  apiTokens(first: $first, after: $after, filter: $filter) {
    totalCount nodes { ${fields} } edges { cursor } pageInfo { hasNextPage endCursor }
  }
}`

interface ShownToken {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly status: string
  readonly [field: string]: unknown
}
interface Listed {
  readonly totalCount: number
  readonly nodes: readonly ShownToken[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const dataOf = async (answer: ReturnType<TenantClient['fetchGraphql']>, field: string): Promise<unknown> => {
  const { data, errors } = await answer
  expect(errors).toBeUndefined()
  return (data as Record<string, unknown>)[field]
}
const create = async (client: TenantClient, input: Record<string, unknown> = {}) => {
  const wanted = { name: 'CI', rights: { role: 'READER' }, ...input }
  const created = await dataOf(client.fetchGraphql(createDocument, { input: wanted }), 'createApiToken')
  return created as { readonly __typename: string; readonly secret: string; readonly token: ShownToken }
}
const revoke = async (client: TenantClient, id: string) =>
  (await dataOf(client.fetchGraphql(revokeDocument, { id }), 'revokeApiToken')) as {
    readonly __typename: string
    readonly token: ShownToken
  }
const list = async (client: TenantClient, variables: Record<string, unknown> = {}) =>
  (await dataOf(client.fetchGraphql(listDocument, variables), 'apiTokens')) as Listed
const whoami = (client: TenantClient) =>
  client.fetchGraphql('{ viewer { id displayName scopes workspaceId expiresAt } }')

describe.each(storageKinds)('API tokens through GraphQL on %s', kind => {
  const recorder = new Recorder()
  let storage: Storage
  let tenants: Tenants
  let admin: Tenant
  let manager: Tenant
  const rights = ['tokens:manage', 'reader']
  beforeAll(async () => {
    storage = await createStorage(kind)
    tenants = await startTenants({ environment: { LOG_LEVEL: 'trace', ...storage.environment } })
    admin = await tenants.tenant('north')
    manager = await tenants.tenant('north', rights, { name: 'Manager' })
  })
  afterAll(async () => {
    await tenants?.stop()
    if (tenants) recorder.record('log', tenants.log())
    await storage?.[Symbol.asyncDispose]()
  })

  test('one is created, used, listed and revoked', async () => {
    const { token, secret } = await create(manager, { name: ' Nightly build ', expiresInDays: 30 })
    const id = parseApiToken(secret)?.id ?? ''
    const shown = {
      __typename: 'ApiToken',
      id: encodeGlobalId('ApiToken', id),
      name: 'Nightly build',
      prefix: `pby_${id}`,
      status: 'ACTIVE',
      scopes: ['CONNECTORS_READ', 'DATASETS_READ'],
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      createdBy: 'Manager',
      createdById: manager.viewerId,
      expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
      lastUsedAt: null,
      revokedAt: null,
      revokedBy: null,
      viewerCanRevoke: true,
    }
    expect(token).toEqual(shown)
    expect(Date.parse(String(token['expiresAt'])) - Date.parse(String(token['createdAt']))).toBe(30 * 86_400_000)

    const client = tenants.withAuthorization(`Bearer ${secret}`)
    expect((await whoami(client)).data).toEqual({
      viewer: {
        id: `token:${id}`,
        displayName: 'Nightly build',
        scopes: ['CONNECTORS_READ', 'DATASETS_READ'],
        workspaceId: 'north',
        expiresAt: token['expiresAt'],
      },
    })
    await expect.poll(async () => (await list(manager)).nodes[0]).toEqual({ ...shown, lastUsedAt: expect.any(String) })

    const revoked = await revoke(manager, token.id)
    expect(revoked).toEqual({
      __typename: 'RevokeApiTokenSuccess',
      token: {
        ...shown,
        lastUsedAt: expect.any(String),
        status: 'REVOKED',
        revokedAt: expect.any(String),
        revokedBy: 'Manager',
      },
    })
    const refused = await whoami(client)
    expect([refused.status, refused.errors?.[0]?.extensions?.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(await revoke(admin, token.id)).toEqual(revoked)
  })

  test('the viewer sees its own, and with WORKSPACE_ADMIN everybody’s, in pages', async () => {
    const other = await tenants.tenant('north', rights)
    for (const name of ['one', 'two', 'three']) await create(other, { name })
    const own = await list(other, { first: 2 })
    expect([own.totalCount, own.nodes.map(({ name }) => name)]).toEqual([3, ['three', 'two']])
    const rest = await list(other, { first: 2, after: own.pageInfo.endCursor })
    expect([rest.pageInfo.hasNextPage, rest.nodes.map(({ name }) => name)]).toEqual([false, ['one']])
    const all = await list(admin, { first: 100 })
    expect(all.nodes.map(({ id }) => id)).toEqual(
      expect.arrayContaining([...own.nodes, ...rest.nodes].map(({ id }) => id)),
    )
    expect(await list(admin, { filter: { createdByViewer: true } })).toMatchObject({ totalCount: 0, nodes: [] })

    const [newest] = own.nodes
    await revoke(other, newest?.id ?? '')
    const named = async (status: string) => (await list(other, { filter: { status } })).nodes.map(({ name }) => name)
    expect([await named('ACTIVE'), await named('REVOKED'), await named('EXPIRED')]).toEqual([
      ['two', 'one'],
      ['three'],
      [],
    ])
  })

  test('one of somebody else answers exactly like one that there is not', async () => {
    const stranger = await tenants.tenant('south')
    const foreign = (await create(stranger)).token.id
    const others = (await create(admin)).token.id
    const unknown = encodeGlobalId('ApiToken', newApiTokenParts().id)
    const ids = [foreign, others, unknown, encodeGlobalId('Dataset', 'x'), encodeGlobalId('ApiToken', 'short'), '', 'Ö']

    const answers = await Promise.all(
      ids.map(async id => {
        const revoking = await manager.raw(JSON.stringify({ query: revokeDocument, variables: { id } }))
        const finding = await manager.raw(
          JSON.stringify({ query: '{ node(id: $id) { id } }'.replace('$id', JSON.stringify(id)) }),
        )
        return `${await revoking.text()}\n${await finding.text()}`
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('There is no such API token.')
    expect(answers[0]).toContain('"node":null')
    expect((await list(stranger)).nodes.find(({ id }) => id === foreign)).toMatchObject({ status: 'ACTIVE' })
    expect((await list(admin)).nodes.find(({ id }) => id === others)).toMatchObject({ status: 'ACTIVE' })
    // The listing of one workspace has nothing of another.
    expect((await list(stranger, { first: 100 })).nodes.map(({ prefix }) => prefix).sort()).toEqual(
      [foreign, encodeGlobalId('ApiToken', stranger.id)].map(id => `pby_${decodeGlobalId(id)?.id}`).sort(),
    )
  })

  test('`node` finds what the viewer may see, with the scope for it', async () => {
    const { token } = await create(manager)
    const find = async (client: TenantClient) =>
      dataOf(client.fetchGraphql('query ($id: ID!) { node(id: $id) { __typename id } }', { id: token.id }), 'node')
    const found = { __typename: 'ApiToken', id: token.id }
    expect([await find(manager), await find(admin)]).toEqual([found, found])
    const without = await tenants.tenant('north', ['editor', 'auditor'])
    expect(await find(without)).toBeNull()
  })

  test('without TOKENS_MANAGE everything about them is refused, and nothing is made', async () => {
    const editor = await tenants.tenant('north', ['editor', 'auditor'])
    const before = await list(admin)
    const { token } = await create(manager)
    for (const [document, variables] of [
      [createDocument, { input: { name: 'x', rights: { role: 'READER' } } }],
      [revokeDocument, { id: token.id }],
      [listDocument, {}],
    ] as const) {
      const { data, errors } = await editor.fetchGraphql(document, variables)
      expect(data ?? null).toBeNull()
      expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN'])
    }
    expect((await list(admin)).totalCount).toBe(before.totalCount + 1)
  })

  test('what is wrong with an input is told, each mistake with its place', async () => {
    const refused = await create(manager, {
      name: ' ',
      rights: { scopes: ['AUDIT_READ', 'DATASETS_WRITE'] },
      expiresInDays: 400,
    })
    expect(refused).toEqual({
      __typename: 'ValidationError',
      code: 'VALIDATION_FAILED',
      message: 'The input has 3 mistakes.',
      issues: [
        { path: 'name', inputPath: ['name'], message: 'Must not be empty.' },
        {
          path: 'rights.scopes',
          inputPath: ['rights', 'scopes'],
          message:
            'You cannot give what you do not have: datasets:write, audit:read. Ask for less, or ask somebody who has it.',
        },
        { path: 'expiresInDays', inputPath: ['expiresInDays'], message: 'Must be from 1 to 365 days.' },
      ],
    })
    for (const given of [{}, { role: 'READER', scopes: ['AUDIT_READ'] }, { role: null }, { scopes: ['BURN'] }]) {
      const { errors } = await manager.fetchGraphql(createDocument, { input: { name: 'x', rights: given } })
      expect(errors?.length).toBeGreaterThan(0)
    }
  })

  test('none is created or revoked by GET', async () => {
    const before = await list(admin)
    const { token } = await create(manager)
    for (const query of [
      'mutation { createApiToken(input: { name: "x", rights: { role: READER } }) { __typename } }',
      `mutation { revokeApiToken(input: { id: "${token.id}" }) { __typename } }`,
    ]) {
      const response = await fetch(`${tenants.url}?query=${encodeURIComponent(query)}`, {
        headers: { ...manager.headers, 'x-graphql-yoga-csrf': '1', accept: 'application/json' },
      })
      expect(response.status).toBe(405)
    }
    const after = await list(admin)
    expect(after.totalCount).toBe(before.totalCount + 1)
    expect(after.nodes.find(({ id }) => id === token.id)).toMatchObject({ status: 'ACTIVE' })
  })

  test('both mutations are in the audit log, and the secret is not', async () => {
    const auditor = await tenants.tenant('north')
    const { token, secret } = await create(manager, { name: 'Audited' })
    await revoke(manager, token.id)
    const { id, secret: hidden } = parseApiToken(secret) ?? { id: '', secret: '' }
    const rows = await storage.sql(
      `select action, actor_kind, actor_id, actor_name, target_kind, target_name, outcome, workspace_id
       from audit_log where target_id = '${id}' order by id`,
    )
    const actor = {
      actor_kind: 'API_TOKEN',
      actor_id: manager.viewerId,
      actor_name: 'Manager',
      target_kind: 'API_TOKEN',
      target_name: 'Audited',
      outcome: 'DONE',
      workspace_id: 'north',
    }
    expect(rows).toEqual([
      { ...actor, action: 'CREATE_API_TOKEN' },
      { ...actor, action: 'REVOKE_API_TOKEN' },
    ])
    const log = await auditor.raw(JSON.stringify({ query: '{ auditLog(first: 100) { nodes { id action } } }' }))
    expect(await log.text()).not.toContain(hidden)
  })

  test('the secret is in the one answer and nowhere else', async () => {
    const answer = await manager.raw(
      JSON.stringify({ query: createDocument, variables: { input: { name: 'Canary', rights: { role: 'READER' } } } }),
    )
    expect(answer.headers.get('cache-control')).toContain('no-store')
    const body = await answer.text()
    const secret = /"secret":"(pby_[^"]+)"/.exec(body)?.[1] ?? ''
    const hidden = parseApiToken(secret)?.secret ?? ''
    // What the server leaves behind is searched for it, byte by byte, after the run.
    recorder.searchFor('the secret of an API token', hidden)
    expect(hidden).toHaveLength(43)
    expect(body.split(hidden)).toHaveLength(2)
    // Told again, with what is wrong, wrong in its checksum, revoked, in the wrong place, in a document that fails.
    const token = (await list(manager)).nodes[0]
    const client = tenants.withAuthorization(`Bearer ${secret}`)
    // What others hold who mistake this server for another.
    const foreign = plainSecret()
    recorder.record('sent', `${foreign}\n${secret}`)
    const answers: unknown[] = [
      await whoami(tenants.withAuthorization(`Bearer ${foreign}`)),
      await list(manager, { first: 100 }),
      await whoami(client),
      await client.fetchGraphql(`{ node(id: "${secret}") { id } }`),
      await client.fetchGraphql(`{ ${secret} }`),
      await client.fetchGraphql(`{ viewer { id }`),
      await client.fetchGraphql(createDocument, { input: { name: secret } }),
      await whoami(tenants.withAuthorization(`Bearer ${secret}0`)),
      await whoami(tenants.withAuthorization(`Basic ${secret}`)),
      await whoami(tenants.withAuthorization(secret)),
      await revoke(manager, token?.id ?? ''),
      await whoami(client),
    ]
    // What a client itself puts into a document is told back to it, in the words of GraphQL.
    const told = answers.filter((_, index) => index !== 4 && index !== 6)
    expect(JSON.stringify(told)).not.toContain(hidden)

    // Until what is written in the background has been.
    await expect
      .poll(() => storage.sql(`select last_used_at from api_tokens where id = '${parseApiToken(secret)?.id}'`))
      .not.toEqual([{ last_used_at: null }])
    const tables = ['api_tokens', 'audit_log', 'audit_seals', 'idempotency_keys']
    const stored = await Promise.all(tables.map(table => storage.sql(`select * from ${table}`).catch(() => [])))
    expect(stored[0]?.length).toBeGreaterThan(0)
    for (const spelling of spellings(hidden)) {
      expect(tenants.log()).not.toContain(spelling)
      expect(JSON.stringify(stored)).not.toContain(spelling)
    }
  })
})

describe('with AUTH=none', () => {
  const document = createDocument
  const input = { name: 'First', rights: { role: 'ADMIN' } }

  test('none is created, because nobody could sign in with it', async () => {
    await using app = await startTestApp()
    const { data } = await app.fetchGraphql(document, { input })
    expect(data?.['createApiToken']).toEqual({
      __typename: 'ApiTokensOffError',
      code: 'API_TOKENS_OFF',
      message:
        'This server does not let anybody in with API tokens, so none is made. Its operator can add "tokens" to AUTH.',
    })
    const listed = await app.fetchGraphql(listDocument)
    expect(listed.data).toMatchObject({ apiTokens: { totalCount: 0 } })
  })

  test('and tokens, whoever brings no credential creates the first one', async () => {
    await using tenants = await startTenants({ auth: 'none,tokens' })
    const { secret, token } = await create(tenants.withAuthorization(null), input)
    expect(token).toMatchObject({ createdBy: 'Local user', createdById: 'local' })
    const client = tenants.withAuthorization(`Bearer ${secret}`)
    expect((await whoami(client)).data).toMatchObject({ viewer: { workspaceId: 'default', displayName: 'First' } })
    await revoke(client, token.id)
    expect((await whoami(client)).status).toBe(401)
  })
})
