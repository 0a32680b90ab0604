import type { StoreKind } from '../../../src/secrets/secret-store.ts'
import type { Campaign } from './campaign.ts'
import type { Mutation, Saved, Upkeep } from './messages.ts'

/** What is killed at every failpoint that it passes. */
export interface MutationUnderFire {
  readonly name: string
  /** Where two requests get in each other's way, only what the second one has to undo is of interest: the end. */
  readonly onlyLastPassings?: number
  /** Makes what it needs, undisturbed; answers what is then sent, all at once. */
  prepare(campaign: Campaign): Promise<readonly (Mutation | Upkeep)[]>
}

const minute = 60_000
const hour = 60 * minute

let made = 0
/** Never the same, so that nothing of one case is taken for something of another. */
const fresh = (word: string) => `${word} ${++made}`

export function creation(
  secrets: 'SECRETS' | 'NO_SECRETS' = 'SECRETS',
): Extract<Mutation, { kind: 'CREATE_CONNECTOR' }> {
  const values = { password: fresh('password'), token: fresh('token') }
  const [name, key, note] = [fresh('coffer'), fresh('key'), fresh('note')]
  return { kind: 'CREATE_CONNECTOR', key, name, note, secrets: secrets === 'SECRETS' ? values : {} }
}

async function saved(campaign: Campaign, mutation: Mutation): Promise<Saved> {
  const outcome = await campaign.send(mutation)
  if (outcome.kind !== 'DONE') throw new Error(`${mutation.kind} was answered with ${JSON.stringify(outcome)}.`)
  return outcome.value as Saved
}

const connector = (campaign: Campaign) => saved(campaign, creation())

async function dataset(campaign: Campaign): Promise<Saved & { connectorId: string }> {
  const { id: connectorId } = await connector(campaign)
  const [name, key] = [fresh('dataset'), fresh('key')]
  return { ...(await saved(campaign, { kind: 'CREATE_DATASET', key, name, connectorId })), connectorId }
}

/** An edit of a new connector. */
async function edit(
  campaign: Campaign,
  changes: (of: { password: string }) => Pick<Extract<Mutation, { kind: 'UPDATE_CONNECTOR' }>, 'note' | 'secrets'>,
): Promise<readonly Mutation[]> {
  const { id, version: expectedVersion } = await connector(campaign)
  const { secrets } = campaign.ledger.connectors.get(id) ?? {}
  return [{ kind: 'UPDATE_CONNECTOR', id, expectedVersion, ...changes({ password: secrets?.['password'] ?? '' }) }]
}

/** One thing for the reaper to do, a version that was replaced; what there was to do before is done. */
async function replaced(campaign: Campaign): Promise<void> {
  await campaign.send({ kind: 'REAP', afterMs: 25 * hour })
  for (const mutation of await edit(campaign, () => ({ secrets: { password: fresh('password') } }))) {
    await saved(campaign, mutation)
  }
}

export function mutationsUnderFire(primary: 'sealed' | 'vault'): readonly MutationUnderFire[] {
  const other: StoreKind = primary === 'sealed' ? 'VAULT' : 'SEALED'
  return [
    { name: 'createConnector with secrets', prepare: async () => [creation()] },
    { name: 'createConnector without secrets', prepare: async () => [creation('NO_SECRETS')] },
    {
      name: 'two createConnector of one name',
      onlyLastPassings: 2,
      prepare: async () => {
        const { name, ...rest } = creation()
        return [
          { name, ...rest },
          { ...creation(), name },
        ]
      },
    },
    {
      name: 'updateConnector with a new secret',
      prepare: campaign => edit(campaign, () => ({ secrets: { password: fresh('password') } })),
    },
    {
      name: 'updateConnector with a cleared secret',
      prepare: campaign => edit(campaign, () => ({ secrets: { password: null } })),
    },
    {
      name: 'updateConnector with all secrets cleared',
      prepare: campaign => edit(campaign, () => ({ secrets: { password: null, token: null } })),
    },
    {
      name: 'updateConnector of another field',
      prepare: campaign => edit(campaign, () => ({ note: fresh('note') })),
    },
    {
      name: 'updateConnector with the same secret',
      prepare: campaign => edit(campaign, ({ password }) => ({ note: fresh('note'), secrets: { password } })),
    },
    {
      name: 'two updateConnector at once',
      onlyLastPassings: 2,
      prepare: async campaign => {
        const [first] = await edit(campaign, () => ({ secrets: { password: fresh('password') } }))
        if (first?.kind !== 'UPDATE_CONNECTOR') return []
        return [first, { ...first, secrets: { token: fresh('token') } }]
      },
    },
    {
      name: 'deleteConnector',
      prepare: async campaign => {
        const { id } = await connector(campaign)
        return [{ kind: 'DELETE_CONNECTOR', id, withDatasets: false }]
      },
    },
    {
      name: 'deleteConnector with its datasets',
      prepare: async campaign => {
        const { connectorId: id } = await dataset(campaign)
        return [{ kind: 'DELETE_CONNECTOR', id, withDatasets: true }]
      },
    },
    {
      name: 'createDataset',
      prepare: async campaign => {
        const { id: connectorId } = await connector(campaign)
        return [{ kind: 'CREATE_DATASET', key: fresh('key'), name: fresh('dataset'), connectorId }]
      },
    },
    {
      name: 'updateDataset',
      prepare: async campaign => {
        const { id, version: expectedVersion } = await dataset(campaign)
        return [{ kind: 'UPDATE_DATASET', id, expectedVersion, name: fresh('dataset') }]
      },
    },
    {
      name: 'deleteDataset',
      prepare: async campaign => [{ kind: 'DELETE_DATASET', id: (await dataset(campaign)).id }],
    },
    {
      name: 'the move to the other store',
      prepare: async campaign => [{ kind: 'MOVE', connectorId: (await connector(campaign)).id, to: other }],
    },
    {
      name: 'the move to the other store during an edit',
      onlyLastPassings: 2,
      prepare: async campaign => {
        const [update] = await edit(campaign, () => ({ secrets: { password: fresh('password') } }))
        if (update?.kind !== 'UPDATE_CONNECTOR') return []
        return [{ kind: 'MOVE', connectorId: update.id, to: other }, update]
      },
    },
    {
      name: 'the sealing of the audit log',
      prepare: async campaign => {
        await connector(campaign)
        return [{ kind: 'SEAL' }]
      },
    },
    {
      name: 'the reaper after 16 minutes',
      prepare: async campaign => {
        await campaign.send(pendingReaped)
        await campaign.ask({ kind: 'ABANDON' })
        return [pendingReaped]
      },
    },
    {
      name: 'the reaper after 25 hours',
      prepare: async campaign => {
        await replaced(campaign)
        return [{ kind: 'REAP', afterMs: 25 * hour }]
      },
    },
    {
      name: 'the reaper after 25 and after 50 hours',
      prepare: async campaign => {
        // Of those before the quarantine ends here.
        await campaign.send({ kind: 'REAP', afterMs: 50 * hour })
        await replaced(campaign)
        // What is killed in the next one is the end of the quarantine.
        await campaign.send({ kind: 'REAP', afterMs: 25 * hour })
        return [{ kind: 'REAP', afterMs: 50 * hour }]
      },
    },
  ]
}

/** What a crash may leave behind is PENDING: looked for once it may be. */
export const pendingReaped: Upkeep = { kind: 'REAP', afterMs: 16 * minute }
