import { describe, expect, test, vi } from 'vitest'
import type { AuditRow } from '../../src/db/audit-store.ts'
import { BadCursorError } from '../../src/db/keyset.ts'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { auditActions } from '../../src/services/audit.ts'
import type { AuditReading } from '../../src/services/audit-reading.ts'
import { dataOf, madeUpSchema, schemaWorld } from './schema-world.ts'

const row: AuditRow = {
  workspaceId: 'default',
  id: 'entry-1',
  at: new Date('2026-11-22T09:30:00.123Z'),
  actorKind: 'API_TOKEN',
  actorId: 'token:t1',
  actorName: 'Deployments',
  address: '192.0.2.1',
  requestId: 'r1',
  action: 'DELETE_CONNECTOR',
  outcome: 'REFUSED',
  reason: 'CONNECTOR_IN_USE',
  targetKind: 'CONNECTOR',
  targetId: 'c1',
  targetName: 'Main',
  changedFields: ['config.host'],
  details: { times: 3 },
}

const document = `query ($filter: AuditFilter, $after: String) {
  auditLog(first: 2, after: $after, filter: $filter) {
    nodes {
      id at actor { kind id name } action outcome reason target { kind id name } changedFields details address requestId
    }
    pageInfo { hasNextPage endCursor }
  }
}`

function world() {
  const page = vi.fn<AuditReading['page']>(async () => ({ rows: [row], cursors: ['c'], hasNextPage: true }))
  return { page, ...schemaWorld({ auditLog: { page } }) }
}

describe('Query.auditLog', () => {
  test('shows an entry with the ids that the API has for everything', async () => {
    const { auditLog } = dataOf(await world().run(document))
    expect(auditLog).toEqual({
      nodes: [
        {
          id: 'entry-1',
          at: '2026-11-22T09:30:00.123Z',
          actor: { kind: 'API_TOKEN', id: 'token:t1', name: 'Deployments' },
          action: 'DELETE_CONNECTOR',
          outcome: 'REFUSED',
          reason: 'CONNECTOR_IN_USE',
          target: { kind: 'CONNECTOR', id: encodeGlobalId('Connector', 'c1'), name: 'Main' },
          changedFields: ['config.host'],
          details: { times: 3 },
          address: '192.0.2.1',
          requestId: 'r1',
        },
      ],
      pageInfo: { hasNextPage: true, endCursor: 'c' },
    })
  })

  test.each([
    [{ targetId: encodeGlobalId('Dataset', 'd1') }, { target: { kind: 'DATASET', id: 'd1' } }],
    [{ targetId: encodeGlobalId('ApiToken', 't1') }, { target: { kind: 'API_TOKEN', id: 't1' } }],
    [{ targetId: 'Query.connectors' }, { target: { kind: 'FIELD', id: 'Query.connectors' } }],
    // What was never given out finds nothing.
    [{ targetId: 'nonsense' }, { target: { kind: 'FIELD', id: '' } }],
    [{ targetId: encodeGlobalId('Workspace', 'w1') }, { target: { kind: 'FIELD', id: '' } }],
    [{ actorId: 'user:eve' }, { actorId: 'user:eve' }],
    [
      { actions: ['SIGN_IN'], outcomes: ['FAILED'] },
      { actions: ['SIGN_IN'], outcomes: ['FAILED'] },
    ],
    [
      { from: '2026-11-22T10:00:00+01:00', to: null },
      { from: new Date('2026-11-22T09:00:00Z'), to: null },
    ],
  ])('narrows by %j', async (filter, expected) => {
    const { page, run } = world()
    dataOf(await run(document, { filter }))
    expect(page.mock.calls[0]?.[2]).toMatchObject(expected)
  })

  test.each(['yesterday', '2026-11-22', 1700000000000, { a: 1 }])('refuses the time %j', async from => {
    const { errors } = await world().run(document, { filter: { from } })
    expect(errors).toHaveLength(1)
  })

  test('a cursor of another list is the mistake of the client', async () => {
    const failing = schemaWorld({ auditLog: { page: () => Promise.reject(new BadCursorError()) } })
    const { errors } = await failing.run(document, { after: 'x' })
    expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT')
  })

  test('the schema knows every action that can be told of', () => {
    const type = madeUpSchema.getType('AuditAction')
    expect(type && 'getValues' in type ? type.getValues().map(value => value.name) : []).toEqual([...auditActions])
  })
})

test('a field that is asked for without its scope is told of by its name, wherever it is', async () => {
  const refusedField = vi.fn<AuditReading['refusedField']>()
  const { run, stream } = schemaWorld({ auditLog: { refusedField } }, [])
  await run('{ auditLog { nodes { id } } }')
  await run('mutation { deleteDataset(input: { id: "x" }) { __typename } }')
  await stream('subscription { connectionTestProgress(id: "x") { __typename } }')
  expect(refusedField.mock.calls.map(([viewer, field]) => [viewer.id, field])).toEqual([
    ['local', 'Query.auditLog'],
    ['local', 'Mutation.deleteDataset'],
    ['local', 'Subscription.connectionTestProgress'],
  ])
})
