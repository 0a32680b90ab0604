import { setTimeout } from 'node:timers/promises'
import { vi } from 'vitest'
import { freeFailures } from '../../src/services/sign-in-pacing.ts'
import type { Tenant } from './tenant.ts'

/** What one workspace has, as far as another one could try to name it. Ids are global ones. */
export interface Belongings {
  /** Every name begins with it. */
  readonly word: string
  readonly connector: Named
  /** On `connector`. */
  readonly dataset: string
  readonly datasetName: string
  /** Names and a key that are taken by others than `connector` and `dataset`. */
  readonly taken: { readonly connectorName: string; readonly externalKey: string; readonly datasetName: string }
  /** Its connector was deleted. */
  readonly disconnectedDataset: string
  /** Ended, of `connector`. */
  readonly test: string
  /** Ended, of `draftConfig`. */
  readonly draftTest: string
  /** Of `heldConfig`; runs until it is cancelled. */
  readonly runningTest: string
  readonly attemptKey: string
  readonly connectorIdempotencyKey: string
  readonly datasetIdempotencyKey: string
  /** Of the deletion plan of `connector`. */
  readonly impactToken: string
  readonly secretVersion: string
  /** Of a viewer who has done something. */
  readonly actorId: string
  readonly apiToken: string
  readonly cursors: {
    readonly apiTokens: string
    readonly auditLog: string
    readonly connectors: string
    readonly datasets: string
    readonly tests: string
    readonly datasetsOfConnector: string
    readonly catalog: string
    readonly fieldOptions: string
  }
  readonly catalogPath: readonly string[]
}

export interface Named {
  readonly id: string
  readonly name: string
  readonly externalKey: string
}

export const simulated = (host: string, more: object = {}) => ({
  simulator: { host, auth: { password: { username: 'ada', password: 'correct horse' } }, ...more },
})

/** The same for everybody, so that only the workspace tells two tests of it apart. */
export const draftConfig = simulated('draft.example.com')
/** A test of it does not end by itself, played or simulated. */
export const heldConfig = (host: string) =>
  simulated(host, { steps: [{ step: 'CONNECT', delayMs: 110_000, budgetMs: 120_000 }] })
/** Its sign-ins are refused, played or simulated. */
export const refusedConfig = (host: string) => simulated(host, { scenario: 'WRONG_PASSWORD' })

/** Accounts at which a workspace that was filled has been refused, and so has to pause. */
export const refusingHosts = ['refuses1.example.com', 'refuses2.example.com'] as const

export const heldHost = (word: string) => `held.${word}.example.com`

const sampleQuery = { simulator: { rows: 3 } }

const heldOptions = { interval: 5, timeout: 20_000 }

/** Fills a workspace through the API, with names that begin with `word`. */
export async function fill(tenant: Tenant, word: string, isRefused = false): Promise<Belongings> {
  const ask = async <T>(document: string, variables: object = {}): Promise<T> =>
    (await tenant.run({ document, variables: { ...variables } })).data as T
  const connector: Named = { id: '', name: `${word} ledger`, externalKey: `${word}-ledger` }
  const connectorIdempotencyKey = `${word}-connector-key`
  const datasetIdempotencyKey = `${word}-dataset-key`
  const attemptKey = `${word}-attempt-key`

  const { created } = await ask<{ created: { connector: { id: string; secrets: { version: string }[] } } }>(
    `mutation ($input: CreateConnectorInput!) {
      created: createConnector(input: $input) { ... on CreateConnectorSuccess { connector { id secrets { version } } } }
    }`,
    {
      input: {
        name: connector.name,
        externalKey: connector.externalKey,
        idempotencyKey: connectorIdempotencyKey,
        config: simulated(`${word}.example.com`),
      },
    },
  )
  const { id } = created.connector
  const [secret] = created.connector.secrets
  if (!secret) throw new Error('The connector has no secret.')
  const addDataset = async (connectorId: string, name: string, idempotencyKey: string | null) => {
    const { made } = await ask<{ made: { dataset: { id: string } } }>(
      'mutation ($input: CreateDatasetInput!) { made: createDataset(input: $input) { ... on CreateDatasetSuccess { dataset { id } } } }',
      { input: { connector: { id: connectorId }, name, query: sampleQuery, idempotencyKey } },
    )
    return made.dataset.id
  }
  const datasetName = `${word} sales`
  const dataset = await addDataset(id, datasetName, datasetIdempotencyKey)
  const taken = {
    connectorName: `${word} second`,
    externalKey: `${word}-second`,
    datasetName: `${word} sales, the second`,
  }
  await addDataset(id, taken.datasetName, null)
  await ask(
    'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { ... on CreateConnectorSuccess { connector { id } } } }',
    { input: { name: taken.connectorName, externalKey: taken.externalKey, config: simulated('second.example.com') } },
  )

  const startTest = async (input: object) => {
    const { testConnection } = await ask<{ testConnection: { test: { id: string } } }>(
      'mutation ($input: TestConnectionInput!) { testConnection(input: $input) { ... on TestConnectionSuccess { test { id } } } }',
      { input },
    )
    return testConnection.test.id
  }
  const test = await startTest({ target: { saved: { id } }, attemptKey })
  const draftTest = await startTest({ target: { draft: draftConfig } })
  // A failed test after one that passed, so that there is something to compare with.
  await startTest({ target: { edit: { connector: { id }, config: refusedConfig(`refuses.${word}.example.com`) } } })
  const runningTest = await startTest({ target: { draft: heldConfig(heldHost(word)) }, waitSeconds: 0 })
  await vi.waitFor(async () => {
    const { node } = await ask<{ node: { steps: { status: string }[] } }>(
      'query ($id: ID!) { node(id: $id) { ... on ConnectionTest { steps { status } } } }',
      { id: runningTest },
    )
    // From here on nothing happens in it.
    if (!node.steps.some(step => step.status === 'RUNNING'))
      throw new Error('It has not come to the step that is held.')
  }, heldOptions)
  for (const host of isRefused ? refusingHosts : []) {
    for (let refusals = 0; refusals < freeFailures; refusals++)
      await startTest({ target: { draft: refusedConfig(host) } })
  }

  const spare = await ask<{ made: { connector: { id: string } } }>(
    'mutation ($input: CreateConnectorInput!) { made: createConnector(input: $input) { ... on CreateConnectorSuccess { connector { id } } } }',
    { input: { name: `${word} spare`, config: simulated(`spare.${word}.example.com`) } },
  )
  const disconnectedDataset = await addDataset(spare.made.connector.id, `${word} left over`, null)
  const planOf = async (connectorId: string) => {
    const { plan } = await ask<{ plan: { impactToken: string } }>(
      'query ($id: ID!) { plan: connectorDeletionPlan(connector: { id: $id }) { impactToken } }',
      { id: connectorId },
    )
    return plan.impactToken
  }
  await ask(
    'mutation ($input: DeleteConnectorInput!) { deleteConnector(input: $input) { ... on DeleteConnectorSuccess { deletedConnectorId } } }',
    { input: { connector: { id: spare.made.connector.id }, impactToken: await planOf(spare.made.connector.id) } },
  )

  for (const name of [`${word} nightly`, `${word} hourly`]) {
    // In a millisecond of its own, so that they have an order.
    await setTimeout(2)
    await ask(
      'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { ... on CreateApiTokenSuccess { token { id } } } }',
      { input: { name, rights: { role: 'READER' } } },
    )
  }
  const pages = await ask<{
    viewer: { id: string }
    apiTokens: Page & { nodes: { id: string }[] }
    auditLog: Page
    connectors: Page
    datasets: Page
    connector: { tests: Page; datasets: Page }
  }>(
    `query ($id: ID!) {
      viewer { id }
      apiTokens(first: 1) { nodes { id } pageInfo { endCursor } }
      auditLog(first: 1) { pageInfo { endCursor } }
      connectors(first: 1) { pageInfo { endCursor } }
      datasets(first: 1) { pageInfo { endCursor } }
      connector(by: { id: $id }) {
        tests(first: 1) { pageInfo { endCursor } }
        datasets(first: 1) { pageInfo { endCursor } }
      }
    }`,
    { id },
  )
  const { connector: catalogued } = await ask<{
    connector: { catalog: { entries: { endCursor: string; nodes: { path: string[] }[] } } }
  }>(
    'query ($id: ID!) { connector(by: { id: $id }) { catalog(first: 1) { ... on ConnectorCatalogSuccess { entries { endCursor nodes { path } } } } } }',
    { id },
  )
  const { entries } = catalogued.catalog
  const { listed } = await ask<{ listed: { options: { endCursor: string } } }>(
    `query ($id: ID!) {
      listed: connectorFieldOptions(input: { field: "database", first: 1, target: { saved: { id: $id } } }) {
        ... on ConnectorFieldOptionsSuccess { options { endCursor } }
      }
    }`,
    { id },
  )
  return {
    word,
    connector: { ...connector, id },
    dataset,
    datasetName,
    taken,
    disconnectedDataset,
    test,
    draftTest,
    runningTest,
    attemptKey,
    connectorIdempotencyKey,
    datasetIdempotencyKey,
    impactToken: await planOf(id),
    secretVersion: secret.version,
    actorId: pages.viewer.id,
    apiToken: pages.apiTokens.nodes[0]?.id ?? '',
    cursors: {
      apiTokens: pages.apiTokens.pageInfo.endCursor,
      auditLog: pages.auditLog.pageInfo.endCursor,
      connectors: pages.connectors.pageInfo.endCursor,
      datasets: pages.datasets.pageInfo.endCursor,
      tests: pages.connector.tests.pageInfo.endCursor,
      datasetsOfConnector: pages.connector.datasets.pageInfo.endCursor,
      catalog: entries.endCursor,
      fieldOptions: listed.options.endCursor,
    },
    catalogPath: entries.nodes[0]?.path ?? [],
  }
}

interface Page {
  readonly pageInfo: { readonly endCursor: string }
}
