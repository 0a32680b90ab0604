import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ConnectorType, plannedStep } from '../../src/connectors/define.ts'
import type { ConnectorHost } from '../../src/connectors/host/connector-host.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import type { Database } from '../../src/db/database.ts'
import type { ConnectorRow } from '../../src/db/rows.ts'
import { createLogger } from '../../src/log.ts'
import { type OpenServices, openServices } from '../../src/open-services.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { type SecretStore, secretStores } from '../../src/secrets/secret-store.ts'
import type { TestTarget } from '../../src/services/connection-tests.ts'
import { memoryVault } from '../secrets/model/memory-vault.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, signal } from './connector-world.ts'
import { FakeConnectorHost } from './fake-connector-host.ts'
import { beginning, shelf, shelfConfig, shelfInput } from './shelf-type.ts'

/** A store that notes whatever changes something in it. */
function recording(store: SecretStore, changes: string[]): SecretStore {
  const noting =
    <Args extends readonly unknown[]>(name: string, work: (...args: Args) => Promise<void>) =>
    (...args: Args) => {
      changes.push(`${store.kind} ${name}`)
      return work(...args)
    }
  const { put, fence, forget } = store
  return { ...store, put: noting('put', put), fence: noting('fence', fence), forget: noting('forget', forget) }
}

const { accounts: _, ...withoutPauses } = shelf
/** With something that can fail in a test, and without the pauses between sign-ins as one account. */
const testedShelf: ConnectorType = { ...withoutPauses, plan: () => [plannedStep('CONNECT', 'Connect to the server')] }

const drafted = shelfInput({ ...shelfConfig, auth: { password: { username: 'ada', password: 'only ever a draft' } } })
const edited = shelfInput({ auth: { password: { username: 'ada', password: 'only ever an edit' } } })
const query = shelfInput({ book: 'Emma' })
const page = { first: 10, after: null, search: null, mayStartCompute: false }

/** Everything that works with a configuration and is no save. */
const looks: readonly { name: string; run: (opened: OpenServices, connector: ConnectorRow) => Promise<unknown> }[] = [
  ...targets('a test', ({ services: { connectionTests } }, target) =>
    connectionTests
      .start(ada, { target, mayStartCompute: false, lifetime: 'PINNED' })
      .then(({ id }) => connectionTests.wait(ada, id, { timeoutMs: 10_000, signal })),
  ),
  ...targets('values for a field', ({ services }, target) =>
    services.listings.fieldOptions(ada, { ...page, target, field: 'room' }, signal),
  ),
  {
    name: 'values for a field of a draft that has only been begun',
    run: ({ services }) =>
      services.listings.fieldOptions(ada, { ...page, target: { draft: shelfInput(beginning) }, field: 'room' }, signal),
  },
  {
    name: 'the checks of a draft',
    run: ({ services }) => services.connectors.validate(ada, { target: { draft: drafted }, name: 'New' }),
  },
  {
    name: 'the checks of an edit',
    run: ({ services }, { id }) =>
      services.connectors.validate(ada, { target: { edit: { connector: { id }, config: edited } } }),
  },
  {
    name: 'a preview',
    run: ({ services }, { id }) => services.datasets.preview(ada, { connector: { id }, query }, 5, signal),
  },
  {
    name: 'a list of what there is',
    run: ({ services }, connector) => services.listings.catalog(ada, connector, { ...page, path: [] }, signal),
  },
  { name: 'the plan of a deletion', run: ({ services }, { id }) => services.connectors.deletionPlan(ada, { id }) },
]

function targets(
  what: string,
  run: (opened: OpenServices, target: TestTarget) => Promise<unknown>,
): readonly (typeof looks)[number][] {
  return [
    { name: `${what} of a draft`, run: opened => run(opened, { draft: drafted }) },
    {
      name: `${what} of an edit`,
      run: (opened, { id }) => run(opened, { edit: { connector: { id }, config: edited } }),
    },
    { name: `${what} of a saved connector`, run: (opened, { id }) => run(opened, { saved: { id } }) },
  ]
}

describe.each(testDatabases)('no secret is stored on $name', ({ open }) => {
  describe.each(['SEALED', 'VAULT'] as const)('with new ones in %s', primary => {
    const changes: string[] = []
    const host = new FakeConnectorHost()
    let database: Database
    let opened: OpenServices
    let connector: ConnectorRow

    beforeAll(async () => {
      database = await open()
      const keyring = await openKeyring(database, await newMasterKey())
      const stores = [createSealedStore(database, keyring), memoryVault()].map(store => recording(store, changes))
      const first = stores.find(({ kind }) => kind === primary)
      if (!first) throw new Error('There is no such store.')
      const others = stores.filter(store => store !== first)
      const answering: ConnectorHost = {
        test: (...job) => host.test(...job),
        query: async () => ({ kind: 'RESULT', result: { columns: [], rows: [], truncated: false } }),
        list: async () => ({ items: [], next: null, problem: null }),
        stream: () => host.stream(),
        close: () => host.close(),
      }
      opened = await openServices({
        database,
        secretStores: secretStores(first, others),
        digester: createDigester(keyring),
        registry: new ConnectorRegistry([testedShelf]),
        host: answering,
        egress: { allow: [], allowLoopback: false, allowPrivate: false, allowUnencrypted: false },
        awsEndpoints: {},
        cloudEndpoints: {},
        customEndpoints: false,
        awsIdentityFile: null,
        infrastructureHosts: [],
        testConcurrency: 4,
        testRate: 1000,
        takesTokens: false,
        logger: createLogger('silent'),
      })
      const config = shelfInput(shelfConfig)
      connector = await opened.services.connectors.create(ada, { name: 'Library', config, testGate: 'NONE' }, signal)
      // What follows is worth something only if a save is seen.
      expect(changes).toEqual([`${primary} put`])
    })
    afterAll(async () => {
      await opened.close()
      await database.close()
    })
    beforeEach(() => {
      changes.length = 0
      host.behave = job => job.pass()
    })

    const rows = () => database.read.select().from(database.tables.secretVersions)

    test.each(looks)('by $name', async ({ run }) => {
      const before = await rows()
      await run(opened, connector)
      expect(changes).toEqual([])
      expect(await rows()).toEqual(before)
    })

    const refused: readonly { why: string; save: () => Promise<unknown> }[] = [
      {
        why: 'its name is taken',
        save: () =>
          opened.services.connectors.create(ada, { name: 'Library', config: drafted, testGate: 'NONE' }, signal),
      },
      {
        why: 'its test fails',
        save: () =>
          opened.services.connectors.create(ada, { name: 'New', config: drafted, testGate: 'REQUIRE_PASS' }, signal),
      },
      {
        why: 'the test of the edit fails',
        save: () => update({ testGate: 'REQUIRE_PASS' }),
      },
      { why: 'the connector has changed', save: () => update({ expectedVersion: 7 }) },
    ]
    const update = (input: { testGate?: 'REQUIRE_PASS'; expectedVersion?: number }) =>
      opened.services.connectors.update(
        ada,
        { connector: { id: connector.id }, expectedVersion: 1, config: edited, testGate: 'NONE', ...input },
        signal,
      )

    test.each(refused)('by a save that is refused because $why', async ({ save }) => {
      host.behave = job => job.crash()
      const before = await rows()
      await expect(save()).rejects.toThrow()
      expect(changes).toEqual([])
      expect(await rows()).toEqual(before)
    })
  })
})
