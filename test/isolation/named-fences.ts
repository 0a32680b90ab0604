import type { Fence, Suites } from './fences.ts'

const walker = (pattern: string): Suites => ({
  files: ['test/isolation/walker.test.ts'],
  pattern: `on sqlite.*(${pattern})`,
})
const sameTestId: Suites = { files: ['test/isolation/same-test-id.test.ts'] }
const scopes: Suites = { files: ['test/schema/authorization.test.ts', 'test/schema/scope-reachability.test.ts'] }
const suite = (file: string, pattern?: string): Suites => ({ files: [file], ...(pattern !== undefined && { pattern }) })

/** Fences between workspaces, and between scopes of one workspace, that are no conditions in a store. */
export const namedFences: readonly Fence[] = [
  {
    name: 'tests in memory and in wake-ups are known by workspace and id',
    file: 'src/services/test-key.ts',
    text: 'workspace.id}:$',
    without: "'all'}:$",
    suites: sameTestId,
  },
  {
    name: 'tails of tests are known by workspace and id',
    file: 'src/services/test-tails.ts',
    text: 'const key = testKey(address)',
    without: "const key = testKey({ ...address, workspace: { ...address.workspace, id: 'all' } })",
    suites: sameTestId,
  },
  {
    name: 'leases are renewed by workspace and id',
    file: 'src/db/connection-test-leases.ts',
    text: 'const isOneOfThem = or(...addresses.map(address => isTest(tests, address)))',
    without: 'const isOneOfThem = or(...addresses.map(address => eq(tests.id, address.id)))',
    suites: suite('test/isolation/stores.test.ts', 'on sqlite'),
  },
  {
    name: 'objects by global id need the scope of their kind',
    file: 'src/schema/node.ts',
    text: ' || !context.viewer.scopes.has(loader.scope)) return null',
    without: ') return null',
    suites: scopes,
  },
  {
    name: 'the datasets of a connector need a scope',
    file: 'src/schema/connector.ts',
    text: "authScopes: { scope: 'datasets:read' },",
    without: 'authScopes: { signedIn: true },',
    suites: scopes,
  },
  {
    name: 'the connector of a dataset needs a scope',
    file: 'src/schema/dataset.ts',
    text: "description: 'The connector that it reads through; null once that was deleted.',\n        authScopes: { scope: 'connectors:read' },",
    without:
      "description: 'The connector that it reads through; null once that was deleted.',\n        authScopes: { signedIn: true },",
    suites: scopes,
  },
  {
    name: 'the connector of a test needs a scope',
    file: 'src/schema/connection-test.ts',
    text: "description: 'The connector that was tested; null for a draft, and once the connector was deleted.',\n        authScopes: { scope: 'connectors:read' },",
    without:
      "description: 'The connector that was tested; null for a draft, and once the connector was deleted.',\n        authScopes: { signedIn: true },",
    suites: suite('test/isolation/scopes.test.ts'),
  },
  {
    name: 'the audit log needs a scope',
    file: 'src/schema/audit-log.ts',
    text: "authScopes: { scope: 'audit:read' },",
    without: 'authScopes: { signedIn: true },',
    suites: scopes,
  },
  {
    name: 'what is read for one operation is read for its viewer',
    file: 'src/schema/context.ts',
    text: 'loaders: createLoaders(options.services, options.viewer)',
    without:
      'loaders: ((globalThis as { loaders?: Loaders }).loaders ??= createLoaders(options.services, options.viewer))',
    suites: walker('Query.node'),
  },
  {
    name: 'a sealed secret opens in its workspace only',
    file: 'src/secrets/sealed-value.ts',
    text: 'return [workspaceId, connectorId, versionId, key.id]',
    without: "return ['', connectorId, versionId, key.id]",
    suites: suite('test/secrets/tampering.test.ts', 'a sealed value'),
  },
  {
    name: "a workspace's key is unwrapped for its workspace only",
    file: 'src/secrets/wrapped-key.ts',
    text: "return ['dek', workspaceId, id, masterKeyId, purpose]",
    without: "return ['dek', id, masterKeyId, purpose]",
    suites: suite('test/secrets/tampering.test.ts', 'a wrapped key'),
  },
  {
    name: 'current keys are kept in memory by workspace',
    file: 'src/secrets/keyring.ts',
    text: 'const currentName = (workspaceId: string, purpose: KeyPurpose) => JSON.stringify([workspaceId, purpose])',
    without:
      "const currentName = (workspaceId: string, purpose: KeyPurpose) => JSON.stringify([workspaceId && '', purpose])",
    suites: suite('test/secrets/keyring.test.ts'),
  },
  {
    name: 'other keys are kept in memory by workspace',
    file: 'src/secrets/keyring.ts',
    text: 'cached(JSON.stringify([workspaceId, purpose, keyId]), async () => {',
    without: 'cached(JSON.stringify([purpose, keyId]), async () => {',
    suites: suite('test/isolation/keys.test.ts'),
  },
  {
    name: 'keys are looked up by workspace',
    file: 'src/secrets/keyring.ts',
    text: '              eq(workspaceKeys.workspaceId, workspaceId),\n              eq(workspaceKeys.id, keyId),',
    without: '              eq(workspaceKeys.id, keyId),',
    suites: suite('test/secrets/keyring.test.ts'),
  },
  {
    name: 'sealed secrets are looked up by workspace',
    file: 'src/secrets/sealed-store.ts',
    text: 'and(eq(sealedSecrets.workspaceId, workspaceId), eq(sealedSecrets.versionId, versionId))',
    without: 'eq(sealedSecrets.versionId, versionId)',
    suites: {
      files: ['test/isolation/twins.test.ts'],
      pattern: 'on sqlite.*(previewDataset.input.target.saved|target.saved.id)',
    },
  },
  {
    name: 'paths in Vault lie in the folder of their workspace',
    file: 'src/secrets/vault/vault-paths.ts',
    text: 'workspaceId}/connectors/`',
    without: "'all'}/connectors/`",
    suites: suite('test/secrets/vault/vault-paths.test.ts'),
  },
  {
    name: 'each workspace has its own token of Vault',
    file: 'src/secrets/vault/workspace-tokens.ts',
    text: 'const current = this.#current.get(workspaceId)\n    if (current?.isUsable',
    without: 'const current = [...this.#current.values()].at(-1)\n    if (current?.isUsable',
    suites: suite('test/secrets/vault/workspace-client-isolation.test.ts'),
  },
  {
    name: 'sign-ins to Vault that are under way are shared within a workspace only',
    file: 'src/secrets/vault/workspace-tokens.ts',
    text: 'const underWay = this.#signIns.get(workspaceId)',
    without: 'const underWay = [...this.#signIns.values()].at(-1)',
    suites: suite('test/secrets/vault/workspace-client-isolation.test.ts'),
  },
  {
    name: 'a child of the host serves one workspace in its life',
    file: 'src/connectors/host/job-scheduler.ts',
    text: 'idle.find(child => child.workspaceId === workspaceId) ?? idle.find(child => child.workspaceId === null)',
    without: 'idle.find(child => child.workspaceId === workspaceId) ?? idle[0]',
    suites: suite('test/connectors/host/child-pool.test.ts'),
  },
  {
    name: 'places for tests are counted by workspace',
    file: 'src/services/fair-limits.ts',
    text: 'const { perWorkspace, perProcess } = this.#options\n    const running = this.#running.get(workspaceId) ?? 0',
    without: 'const { perWorkspace, perProcess } = this.#options\n    const running = this.#total',
    suites: suite('test/services/fair-limits.test.ts'),
  },
  {
    name: 'the external id for AWS is one of the workspace',
    file: 'src/services/aws-access.ts',
    text: "await digester.digest(workspace.id, 'aws-external-id', {})",
    without: "await digester.digest('default', 'aws-external-id', {})",
    suites: suite('test/services/aws-access.test.ts'),
  },
  {
    name: 'a token signs in to the workspace of its row',
    file: 'src/identity/token-authenticator.ts',
    text: 'workspace: scopeOfRow(token),',
    without: "workspace: scopeOfRow({ ...token, workspaceId: 'default' }),",
    suites: suite('test/identity/tokens.test.ts'),
  },
  {
    name: 'limits and streams are counted by workspace and viewer',
    file: 'src/viewer-key.ts',
    text: 'workspace.id}$',
    without: "''}$",
    suites: { files: ['test/server/rate-limits.test.ts'] },
  },
]
