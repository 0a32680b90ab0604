import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { SecretStoreError } from '../../../src/secrets/secret-store.ts'
import type { VaultAnswer, VaultRequest } from '../../../src/secrets/vault/vault-client.ts'
import { createWorkspaceClient, type WorkspaceRequest } from '../../../src/secrets/vault/workspace-client.ts'
import { CredentialFiles, FakeVault, fakeJwt, forbidden, recordingLogger, vaultSettings } from './fake-vault.ts'

const files = new CredentialFiles()
afterAll(() => files.remove())

const settings = vaultSettings(
  { method: 'kubernetes', mount: 'kubernetes', role: 'ws-{workspace}', jwtFile: files.write('jwt', fakeJwt()) },
  'team/{workspace}',
)
const runs = 20
const callsPerRun = 500
const workspaces = Array.from({ length: 50 }, (_, index) => `w${index}`)

/** What Vault does to a request, and what happens before it is made. */
const call = fc.record({
  workspaceId: fc.constantFrom(...workspaces),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'LIST', 'DELETE'),
  loginFate: fc.oneof({ weight: 9, arbitrary: fc.constant('GOOD') }, fc.constantFrom('REFUSED', 'FAILED')),
  fate: fc.oneof({ weight: 9, arbitrary: fc.constant('GOOD') }, fc.constantFrom('REVOKED', 'FORBIDDEN', 'FAILED')),
  turns: fc.integer({ min: 0, max: 6 }),
  passesMs: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2_000_000 })),
  waits: fc.boolean(),
})
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never

/** 500 calls that overlap as their records say; how often Vault was asked for what, and what came of it. */
async function run(calls: readonly Call[], maxTokens: number, leaseSeconds: number) {
  const vault = new FakeVault()
  vault.leaseSeconds = leaseSeconds
  vault.instead = request => suffer(vault, request, calls)
  const client = createWorkspaceClient({
    settings,
    client: vault,
    logger: recordingLogger(),
    now: vault.now,
    maxTokens,
  })
  const outcomes: Promise<string>[] = []
  for (const [index, { workspaceId, method, passesMs, waits }] of calls.entries()) {
    vault.nowMs += passesMs
    const path = `secret/data/workspaces/${workspaceId}/connectors/c/${index}`
    const request: WorkspaceRequest = { method, path, repeatable: true }
    outcomes.push(
      client.send(workspaceId, request).then(
        answer => String(answer.status),
        error => (error instanceof SecretStoreError ? error.fault : `bug: ${error}`),
      ),
    )
    if (waits) await setImmediate()
  }
  const settled = await Promise.all(outcomes)
  await client.close()
  return { vault, outcomes: settled }
}

async function suffer(
  vault: FakeVault,
  request: VaultRequest,
  calls: readonly Call[],
): Promise<VaultAnswer | undefined> {
  // A sign-in suffers what the latest call says, a request what its own does.
  const isLogin = request.path.endsWith('/login')
  const own = calls[isLogin ? vault.requests.length % calls.length : Number(request.path.split('/').at(-1))]
  if (own === undefined) return undefined
  for (let turn = 0; turn < own.turns; turn++) await setImmediate()
  const fate = isLogin ? own.loginFate : own.fate
  if (fate === 'FAILED') throw new SecretStoreError('VAULT', 'UNREACHABLE')
  if (fate === 'FORBIDDEN' || fate === 'REFUSED') return forbidden
  // Only the first time, so that the repetition succeeds.
  if (fate === 'REVOKED' && request.token !== null && timesSent(vault, request) === 1)
    vault.tokens.delete(request.token)
  return undefined
}

const timesSent = (vault: FakeVault, { path }: VaultRequest) => vault.requests.filter(each => each.path === path).length

test(`${runs * callsPerRun} mixed calls over 50 workspaces never pair a token with the path or namespace of another`, async () => {
  const seen = new Set<string>()
  let pairs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(1, 90, 3600),
      async (seed, maxTokens, leaseSeconds) => {
        // Made here, for a failure should name a seed rather than print 500 calls.
        const calls = fc.sample(call, { numRuns: callsPerRun, seed })
        const { vault, outcomes } = await run(calls, maxTokens, leaseSeconds)
        for (const request of vault.requests) {
          const workspaceId = request.path.startsWith('secret/')
            ? request.path.split('/')[3]
            : request.path.endsWith('/login')
              ? String(request.body?.['role']).slice('ws-'.length)
              : vault.owners.get(request.token ?? '')
          expect(request.namespace).toBe(`team/${workspaceId}`)
          if (request.token === null) continue
          expect(vault.owners.get(request.token)).toBe(workspaceId)
          pairs++
        }
        // A request is sent at most twice, whatever happens to it.
        for (const [index] of calls.entries()) {
          expect(vault.dataRequests.filter(each => each.path.endsWith(`/${index}`)).length).toBeLessThanOrEqual(2)
        }
        const left = [...vault.tokens.values()].filter(each => each.validUntil > vault.nowMs)
        expect(left).toEqual([])
        for (const outcome of outcomes) seen.add(outcome)
      },
    ),
    { numRuns: runs, seed: 20_261_123, endOnFailure: true },
  )
  expect([...seen].sort()).toEqual(['200', 'FORBIDDEN', 'SIGN_IN_REFUSED', 'UNREACHABLE'])
  expect(pairs).toBeGreaterThan((runs * callsPerRun) / 2)
})
