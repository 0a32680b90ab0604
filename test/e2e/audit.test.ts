import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startTenants, type Tenant } from './tenants.ts'

const admin = join(import.meta.dirname, '../../src/admin.ts')

/** Runs a command of the operator on the data of a server; answers its code and what it printed. */
async function operate(dataDirectory: string, ...words: string[]) {
  const environment = { NODE_ENV: 'test', PATH: process.env['PATH'], DATA_DIR: dataDirectory }
  const run = promisify(execFile)(process.execPath, [admin, ...words], { env: environment, cwd: dataDirectory })
  return run.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout + error.stderr,
    }),
  )
}

const password = 'audited battery staple'
const create = (tenant: Tenant, name: string) =>
  tenant.fetchGraphql('mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { __typename } }', {
    input: {
      name,
      config: { simulator: { host: 'audited.example', auth: { password: { username: 'ada', password } } } },
    },
  })

const actions = `{ auditLog(first: 50) { nodes { action outcome reason actor { id kind } address target { name } } } }`
interface Listed {
  readonly auditLog: { readonly nodes: readonly { readonly action: string; readonly actor: { readonly id: string } }[] }
}

test('what a token does is read, exported and verified, each workspace by itself', { timeout: 60_000 }, async () => {
  await using tenants = await startTenants()
  const [north, south] = [await tenants.tenant('north'), await tenants.tenant('south')]
  const reader = await tenants.tenant('north', ['connectors:read'])
  await create(north, 'Northern')
  await create(south, 'Southern')
  const refused = await create(reader, 'Refused')
  expect(refused.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN')

  const told = async (tenant: Tenant) => {
    const { data } = await tenant.fetchGraphql<Listed>(actions)
    return data?.auditLog.nodes ?? []
  }
  await expect
    .poll(() => told(north))
    .toEqual(
      expect.arrayContaining([
        {
          action: 'CREATE_CONNECTOR',
          outcome: 'DONE',
          reason: null,
          actor: { id: north.viewerId, kind: 'API_TOKEN' },
          address: expect.stringContaining('127.0.0.1'),
          target: { name: 'Northern' },
        },
        expect.objectContaining({
          action: 'USE_FIELD',
          outcome: 'REFUSED',
          reason: 'FORBIDDEN',
          actor: { id: reader.viewerId, kind: 'API_TOKEN' },
        }),
      ]),
    )
  expect(JSON.stringify(await told(south))).not.toMatch(/Northern|Refused/)

  const { origin } = new URL(tenants.url)
  const exported = await fetch(`${origin}/audit.ndjson`, { headers: { ...north.headers } })
  expect(exported.status).toBe(200)
  const text = await exported.text()
  const lines = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { action: string; requestId: string })
  expect(lines.map(line => line.action)).toEqual(expect.arrayContaining(['CREATE_CONNECTOR', 'USE_FIELD']))
  expect(text).not.toMatch(/Southern|audited battery|audited\.example/)
  for (const headers of [{}, { ...reader.headers }]) {
    const answer = await fetch(`${origin}/audit.ndjson`, { headers })
    expect([401, 403]).toContain(answer.status)
    await answer.text()
  }

  // Beside the running server, which seals once a second.
  const { dataDirectory } = tenants.app
  const verified = async (...words: string[]) => operate(dataDirectory, 'audit:verify', '--json', ...words)
  await expect
    .poll(async () => JSON.parse((await verified()).stdout), { timeout: 20_000, interval: 500 })
    .toMatchObject({ found: 0, pending: 0, heads: { north: expect.anything(), south: expect.anything() } })
  const { heads } = JSON.parse((await verified()).stdout) as {
    heads: Record<string, { sequence: number; seal: string }>
  }
  const head = `north=${heads['north']?.sequence}:${heads['north']?.seal}`
  expect((await verified('--head', head)).code).toBe(0)
  const cut = await operate(
    dataDirectory,
    'audit:verify',
    '--head',
    `north=${(heads['north']?.sequence ?? 0) + 40}:made-up`,
  )
  expect(cut.code).toBe(1)
  expect(cut.stdout).toContain('HEAD: workspace north')

  const printed = await operate(dataDirectory, 'audit:export', '--workspace', 'south')
  expect(printed.code).toBe(0)
  const rows = printed.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { action: string })
  expect(rows.map(row => row.action)).toContain('CREATE_CONNECTOR')
  expect(await told(south)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ action: 'EXPORT_AUDIT_LOG', actor: { id: 'operator', kind: 'OPERATOR' } }),
    ]),
  )
})
