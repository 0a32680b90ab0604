import {
  type Belongings,
  draftConfig,
  heldConfig,
  heldHost,
  refusedConfig,
  refusingHosts,
  simulated,
} from './belongings.ts'
import {
  actors,
  anyIds,
  apiTokenIds,
  both,
  connectorIds,
  connectorKeys,
  connectorNames,
  cursors,
  datasetIds,
  draftTestIds,
  firstOf,
  noted,
  type Parties,
  type Probes,
  runningTestIds,
  testIds,
  texts,
  values,
} from './probes.ts'
import type { OperationKind, Step } from './whole-operation.ts'

/** How a place is reached, and what south puts there. */
export interface PlaceCase {
  readonly kind: OperationKind
  /** The fields above the place's own. */
  above(parties: Parties): readonly Step[]
  /** Arguments of the place's field, as south would give them; `tag` is new each time, of the same length. */
  args(parties: Parties, tag: string): Readonly<Record<string, unknown>>
  readonly probes: Probes
  /** Whether south's own thing is used up, so that it has to be made for this place. */
  readonly usesUp: boolean
}

type Args = PlaceCase['args']

interface Root extends Partial<Omit<PlaceCase, 'probes'>> {
  readonly field: string
  readonly args: Args
  /** By the place's path below the field. */
  readonly places: Readonly<Record<string, Probes>>
}

const isAccepted = { isAccepted: true }

const connectorRef = (path: string) => ({
  [`${path}.id`]: connectorIds,
  [`${path}.name`]: connectorNames,
  [`${path}.externalKey`]: connectorKeys,
})

const ref = ({ connector: { id, name, externalKey } }: Belongings) => ({ id, name, externalKey })

/** South's connector with another port, whose secrets are given again. */
const edit = ({ south }: Parties) => ({
  connector: ref(south),
  config: simulated(`${south.word}.example.com`),
})

const testTarget = (parties: Parties) => ({ saved: ref(parties.south), draft: draftConfig, edit: edit(parties) })

const sampleQuery = { simulator: { rows: 3 } }
const ofConnector = ({ south }: Parties): readonly Step[] => [
  { field: 'connector', args: { by: { id: south.connector.id } } },
]

/** What no other workspace is refused at the moment, nor runs: north is, and does. */
const testedDrafts: Probes = both(
  values(
    'a configuration that north is testing',
    heldConfig(heldHost('north')),
    heldConfig(heldHost('nortx')),
    isAccepted,
  ),
  values(
    'an account at which north has to pause',
    refusedConfig(refusingHosts[0]),
    refusedConfig('refuses9.example.com'),
    isAccepted,
  ),
  values("north's configuration", simulated('north.example.com'), simulated('nortx.example.com'), isAccepted),
)

const roots: readonly Root[] = [
  { field: 'Query.node', args: () => ({}), places: { id: anyIds } },
  { field: 'Query.nodes', args: () => ({}), places: { ids: anyIds } },
  { field: 'Query.connector', args: () => ({}), places: connectorRef('by') },
  {
    field: 'Query.connectors',
    args: () => ({ first: 5 }),
    places: {
      after: cursors(each => each.cursors.connectors),
      'filter.search': texts('a name', each => each.connector.name),
    },
  },
  { field: 'Query.dataset', args: () => ({}), places: { id: datasetIds } },
  {
    field: 'Query.datasets',
    args: () => ({ first: 5 }),
    places: {
      after: cursors(each => each.cursors.datasets),
      'filter.search': texts('a name', each => each.datasetName),
      ...connectorRef('filter.connector'),
    },
  },
  {
    field: 'Query.previewDataset',
    args: ({ south }) => ({ input: { target: { draft: { connector: ref(south), query: sampleQuery } } } }),
    places: { 'input.target.saved': datasetIds, ...connectorRef('input.target.draft.connector') },
  },
  {
    field: 'Query.connectorFieldOptions',
    args: parties => ({
      input: {
        field: 'database',
        target: { saved: ref(parties.south), draft: draftConfig, edit: edit(parties) },
        first: 1,
      },
    }),
    places: {
      ...connectorRef('input.target.saved'),
      ...connectorRef('input.target.edit.connector'),
      'input.target.draft': values(
        "north's configuration",
        simulated('north.example.com'),
        simulated('nortx.example.com'),
        isAccepted,
      ),
      'input.target.edit.config': values(
        "north's configuration",
        simulated('north.example.com'),
        simulated('nortx.example.com'),
        isAccepted,
      ),
      'input.after': cursors(each => each.cursors.fieldOptions),
      'input.search': values('what north has', 'option of north', 'option of nortx', isAccepted),
    },
  },
  {
    field: 'Query.connectorDeletionPlan',
    args: () => ({}),
    places: connectorRef('connector'),
  },
  {
    field: 'Query.validateConnectorConfig',
    args: parties => ({ input: { target: { draft: draftConfig, edit: edit(parties) } } }),
    places: {
      ...connectorRef('input.target.edit.connector'),
      'input.name': connectorNames,
      'input.externalKey': connectorKeys,
      'input.target.draft': values(
        "north's configuration",
        simulated('north.example.com'),
        simulated('nortx.example.com'),
        isAccepted,
      ),
      'input.target.edit.config': values(
        "north's configuration",
        simulated('north.example.com'),
        simulated('nortx.example.com'),
        isAccepted,
      ),
    },
  },
  {
    field: 'Query.apiTokens',
    args: () => ({ first: 1 }),
    places: { after: cursors(each => each.cursors.apiTokens) },
  },
  {
    // Whoever reads it is noted in it, once within a minute.
    field: 'Query.auditLog',
    usesUp: true,
    args: () => ({ first: 1 }),
    places: {
      after: noted(cursors(each => each.cursors.auditLog)),
      'filter.actorId': noted(actors),
      'filter.targetId': noted(both(firstOf(connectorIds), firstOf(datasetIds), firstOf(apiTokenIds))),
    },
  },
  {
    field: 'Connector.tests',
    kind: 'query',
    above: ofConnector,
    args: () => ({ first: 5 }),
    places: { after: cursors(each => each.cursors.tests) },
  },
  {
    field: 'Connector.datasets',
    kind: 'query',
    above: ofConnector,
    args: () => ({ first: 5 }),
    places: { after: cursors(each => each.cursors.datasetsOfConnector) },
  },
  {
    field: 'ConnectorDeletionPlan.datasets',
    kind: 'query',
    above: ({ south }) => [{ field: 'connectorDeletionPlan', args: { connector: { id: south.connector.id } } }],
    args: () => ({ first: 5 }),
    places: { after: cursors(each => each.cursors.datasetsOfConnector) },
  },
  {
    field: 'Connector.catalog',
    kind: 'query',
    above: ofConnector,
    args: () => ({ first: 1 }),
    places: {
      after: cursors(each => each.cursors.catalog),
      path: ({ north }) => [
        {
          what: 'a path in the data source of north',
          foreign: north.catalogPath,
          nowhere: north.catalogPath.map(name => name.replace('north', 'nortx')),
          ...isAccepted,
        },
      ],
      search: values('what north has', 'table of north', 'table of nortx', isAccepted),
    },
  },
  {
    field: 'Mutation.createConnector',
    usesUp: true,
    args: (_parties, tag) => ({ input: { name: `Made ${tag}`, config: draftConfig } }),
    places: {
      'input.name': texts('a name', each => each.taken.connectorName, isAccepted),
      'input.externalKey': texts('an external key', each => each.taken.externalKey, isAccepted),
      'input.idempotencyKey': texts('an idempotency key', each => each.connectorIdempotencyKey, isAccepted),
      'input.testId': draftTestIds,
      'input.config': values(
        "north's configuration",
        simulated('north.example.com'),
        simulated('nortx.example.com'),
        isAccepted,
      ),
    },
  },
  {
    field: 'Mutation.updateConnector',
    usesUp: true,
    args: ({ south }, tag) => ({
      input: { connector: { id: south.connector.id }, expectedVersion: 1, description: `Changed ${tag}` },
    }),
    places: {
      ...connectorRef('input.connector'),
      'input.name': texts('a name', each => each.taken.connectorName, isAccepted),
      'input.externalKey': texts('an external key', each => each.taken.externalKey, isAccepted),
      'input.testId': testIds,
      'input.config': values(
        "north's configuration",
        simulated('north.example.com'),
        simulated('nortx.example.com'),
        isAccepted,
      ),
    },
  },
  {
    field: 'Mutation.deleteConnector',
    usesUp: true,
    args: ({ south }) => ({
      input: {
        connector: ref(south),
        impactToken: south.impactToken,
        datasets: { none: true },
      },
    }),
    places: {
      ...connectorRef('input.connector'),
      'input.impactToken': texts('the token of a deletion plan', each => each.impactToken),
      'input.datasets.ids': datasetIds,
    },
  },
  {
    field: 'Mutation.testConnection',
    usesUp: true,
    args: parties => ({ input: { target: testTarget(parties), waitSeconds: 1 } }),
    places: {
      ...connectorRef('input.target.saved'),
      ...connectorRef('input.target.edit.connector'),
      'input.target.draft': testedDrafts,
      'input.target.edit.config': values(
        "north's configuration",
        simulated('north.example.com'),
        simulated('nortx.example.com'),
        isAccepted,
      ),
      'input.attemptKey': texts('an attempt key', each => each.attemptKey, isAccepted),
    },
  },
  { field: 'Mutation.cancelConnectionTest', usesUp: true, args: () => ({}), places: { 'input.id': runningTestIds } },
  {
    field: 'Mutation.createDataset',
    usesUp: true,
    args: ({ south }, tag) => ({ input: { connector: ref(south), name: `Made ${tag}`, query: sampleQuery } }),
    places: {
      ...connectorRef('input.connector'),
      'input.name': texts('a name', each => each.taken.datasetName, isAccepted),
      'input.idempotencyKey': texts('an idempotency key', each => each.datasetIdempotencyKey, isAccepted),
    },
  },
  {
    field: 'Mutation.updateDataset',
    usesUp: true,
    args: ({ south }, tag) => ({ input: { id: south.dataset, expectedVersion: 1, description: `Changed ${tag}` } }),
    places: {
      'input.id': datasetIds,
      'input.name': texts('a name', each => each.taken.datasetName, isAccepted),
      ...connectorRef('input.connector'),
    },
  },
  { field: 'Mutation.revokeApiToken', usesUp: true, args: () => ({}), places: { 'input.id': apiTokenIds } },
  { field: 'Mutation.deleteDataset', usesUp: true, args: () => ({}), places: { 'input.id': datasetIds } },
  {
    field: 'Subscription.testConnection',
    usesUp: true,
    args: parties => ({ input: { target: testTarget(parties) } }),
    places: {
      ...connectorRef('input.target.saved'),
      ...connectorRef('input.target.edit.connector'),
      'input.target.draft': values(
        'an account at which north has to pause',
        refusedConfig(refusingHosts[1]),
        refusedConfig('refuses8.example.com'),
        isAccepted,
      ),
      'input.target.edit.config': values(
        "north's configuration",
        simulated('north.example.com'),
        simulated('nortx.example.com'),
        isAccepted,
      ),
      'input.attemptKey': texts('an attempt key', each => each.attemptKey, isAccepted),
    },
  },
  {
    field: 'Subscription.connectionTestProgress',
    args: ({ north }) => ({ id: north.runningTest }),
    places: {
      id: both(testIds, ({ north, south }) => runningTestIds({ north, south: { ...south, runningTest: south.test } })),
      afterSequence: values('how far a test of north has come', 2, 1_000_000),
    },
  },
]

const kinds: Readonly<Record<string, OperationKind>> = {
  Query: 'query',
  Mutation: 'mutation',
  Subscription: 'subscription',
}

/** A case for every place that takes an id, or anything else by which something could be known. */
export const placeCases: ReadonlyMap<string, PlaceCase> = new Map(
  roots.flatMap(({ field, places, ...root }) => {
    const kind = root.kind ?? kinds[field.split('.')[0] ?? '']
    if (!kind) throw new Error(`Say how ${field} is reached.`)
    return Object.entries(places).map(([path, probes]): readonly [string, PlaceCase] => [
      `${field}.${path}`,
      { usesUp: false, above: () => [], ...root, kind, probes },
    ])
  }),
)

interface OtherWalk {
  readonly kind: OperationKind
  steps(parties: Parties): readonly Step[]
}

/** More ways to what a workspace has, for which nothing has to be named, or which are refused. */
export const otherWalks: Readonly<Record<string, OtherWalk>> = {
  'who asks': { kind: 'query', steps: () => [{ field: 'viewer', args: {} }] },
  'all connectors': { kind: 'query', steps: () => [{ field: 'connectors', args: {} }] },
  'all datasets': { kind: 'query', steps: () => [{ field: 'datasets', args: {} }] },
  'all API tokens': { kind: 'query', steps: () => [{ field: 'apiTokens', args: {} }] },
  'the audit log': { kind: 'query', steps: () => [{ field: 'auditLog', args: {} }] },
  'a connector that is in use': {
    kind: 'mutation',
    steps: ({ south }) => [{ field: 'deleteConnector', args: { input: { connector: { id: south.connector.id } } } }],
  },
  'a configuration that does not pass': {
    kind: 'mutation',
    steps: () => [
      {
        field: 'createConnector',
        args: {
          input: { name: 'Not made', config: refusedConfig('refuses7.example.com'), testGate: 'REQUIRE_PASS' },
        },
      },
    ],
  },
  'the datasets of a connector that is to be deleted': {
    kind: 'mutation',
    steps: ({ south }) => [
      {
        field: 'deleteConnector',
        args: {
          input: { connector: { id: south.connector.id }, impactToken: south.impactToken, datasets: { all: true } },
        },
      },
    ],
  },
}

/** Places whose values are only stored, counted or compared with a row that is already known to be the viewer's. */
export const plainPlaces: Readonly<Record<string, string>> = {
  'Query.connectorTypes.filter.search': 'Searches the catalogue of types, which is the same for everybody.',
  'Query.connectorFieldOptions.input.field': 'A path in a form, which is the same for everybody.',
  'Query.previewDataset.input.target.draft.query': 'A query, sent to the data source of a connector of the viewer.',
  'Mutation.createDataset.input.query': 'A query: only stored.',
  'Mutation.updateDataset.input.query': 'A query: only stored.',
  'Query.auditLog.filter.from': "An instant: narrows the entries of the viewer's workspace.",
  'Query.auditLog.filter.to': "An instant: narrows the entries of the viewer's workspace.",
  'Query.auditLog.first': 'A number of items.',
  'Query.apiTokens.first': 'A number of items.',
  'Mutation.createApiToken.input.name': 'A name that several may have: only stored.',
  'Mutation.createApiToken.input.expiresInDays': 'A time.',
  'Mutation.createConnector.input.description': 'Free text: only stored.',
  'Mutation.updateConnector.input.description': 'Free text: only stored.',
  'Mutation.createDataset.input.description': 'Free text: only stored.',
  'Mutation.updateDataset.input.description': 'Free text: only stored.',
  'Mutation.updateConnector.input.expectedVersion': "Compared with the version of the viewer's connector.",
  'Mutation.updateDataset.input.expectedVersion': "Compared with the version of the viewer's dataset.",
  'Mutation.testConnection.input.waitSeconds': 'A time.',
  'Subscription.testConnection.input.waitSeconds': 'A time.',
  'Connector.tests.first': 'A number of items.',
  'Connector.datasets.first': 'A number of items.',
  'Connector.catalog.first': 'A number of items.',
  'ConnectorDeletionPlan.datasets.first': 'A number of items.',
  'Query.connectors.first': 'A number of items.',
  'Query.datasets.first': 'A number of items.',
  'Query.previewDataset.input.first': 'A number of items.',
  'Query.connectorFieldOptions.input.first': 'A number of items.',
}
