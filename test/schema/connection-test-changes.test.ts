import { expect, test } from 'vitest'
import type { TestComparison } from '../../src/connectors/test-comparison.ts'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { dataOf, schemaWorld, snapshot, testRow } from './schema-world.ts'

const comparison: TestComparison = {
  lastPassedTestId: 'passed',
  summary: 'The port has changed.',
  changes: [
    {
      subject: 'FIELD',
      label: 'Port',
      field: 'port',
      stepKey: null,
      target: null,
      before: '5432',
      after: '5433',
      changedAt: null,
      message: 'The field "Port": now "5433"; before "5432".',
    },
  ],
}
const query = `query ($id: ID!) {
  node(id: $id) {
    ... on ConnectionTest {
      changesSummary
      changes { subject label field stepKey target before after changedAt message }
      lastPassedTest { id status changes { label } changesSummary lastPassedTest { id } }
    }
  }
}`
const failed = testRow('failed', {
  status: 'FAILED',
  snapshot: JSON.parse(JSON.stringify(snapshot({ status: 'FAILED', comparison }))),
})
const passed = testRow('passed', {
  status: 'PASSED',
  snapshot: JSON.parse(JSON.stringify(snapshot({ status: 'PASSED' }))),
})

const read = async (id: string, kept: readonly (typeof passed)[]) => {
  const findMany = async (_viewer: unknown, ids: readonly string[]) =>
    ids.map(wanted => kept.find(row => row.id === wanted) ?? null)
  const world = schemaWorld({ connectionTests: { findMany } })
  return dataOf(await world.run(query, { id: encodeGlobalId('ConnectionTest', id) }))['node']
}

test('a test shows what has changed, and the test that it is compared with', async () => {
  expect(await read('failed', [failed, passed])).toEqual({
    changesSummary: comparison.summary,
    changes: comparison.changes,
    lastPassedTest: {
      id: encodeGlobalId('ConnectionTest', 'passed'),
      status: 'PASSED',
      changes: [],
      changesSummary: null,
      lastPassedTest: null,
    },
  })
})

test('what has changed stays known when the test that it was compared with is gone', async () => {
  expect(await read('failed', [failed])).toMatchObject({ changes: comparison.changes, lastPassedTest: null })
})

test.each([
  [['connectors:test'], [], null],
  [['connectors:test', 'connectors:read'], comparison.changes, comparison.summary],
] as const)(
  'whoever has %j learns from a test no more of the configuration than may be read',
  async (scopes, changes, changesSummary) => {
    const world = schemaWorld({ connectionTests: { start: async () => failed, wait: async () => failed } }, scopes)
    const data = dataOf(
      await world.run(`mutation {
      testConnection(input: { target: { saved: { name: "Orders" } } }) {
        ... on TestConnectionSuccess {
          test { status changesSummary changes { subject label field stepKey target before after changedAt message } }
        }
      }
    }`),
    )
    expect(data['testConnection']).toEqual({ test: { status: 'FAILED', changesSummary, changes } })
  },
)
