import { describe, expect, test, vi } from 'vitest'
import { formFields } from '../../src/connectors/form-fields.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import type { QueryJob } from '../../src/connectors/host/protocol.ts'
import { proves } from '../proofs/proves.ts'
import { environmentFor } from '../servers/type-run.ts'
import { registered } from './fixtures.ts'
import { child, contractHost, type Place, places, usePlaces } from './places.ts'
import { direct, hasTunnel, type Scene, throughTunnel } from './scenes.ts'
import { parseInput } from './shared-blocks.ts'
import type { FixtureServer, TypeFixture } from './type-fixture.ts'

usePlaces()
const patience = { timeout: 5_000, interval: 5 }

type QueryScene = Omit<Scene, 'stepId'>

/** Cancels a query in the middle of it. */
async function cancelQuery(
  place: Place,
  { type, reads }: TypeFixture,
  scene: QueryScene,
  query = reads.query,
): Promise<void> {
  const cancel = new AbortController()
  const reason = new Error('The reader has gone.')
  await place.leavesNothing(type, scene.left, async () => {
    const options = { ...scene.surroundings, signal: cancel.signal }
    const run = place.query(type, scene.input, query, options)
    run.catch(() => {})
    await vi.waitFor(() => scene.reached(), patience)
    cancel.abort(reason)
    await expect(run).rejects.toBe(reason)
  })
}

describe.each(places.flatMap(place => registered.map(each => ({ ...each, place, where: place.where }))))(
  'a query of $name $where',
  ({ fixture, place }) => {
    const { type, reads } = fixture

    const run = async (server: FixtureServer, maxRows: number) => {
      const options = { ...server.surroundings, limits: { maxRows, maxBytes: 1_048_576 } }
      const query = () => place.query(type, server.input, reads.query, options)
      const outcome = await place.leavesNothing(type, async () => server.left(), query)
      if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
      return outcome.result
    }

    test('answers columns and rows, and leaves nothing', async () => {
      await using server = await fixture.start()
      const { columns, rows, truncated } = await run(server, 100)
      expect({ rows, truncated }).toEqual({ rows: reads.rows, truncated: false })
      expect(columns.map(({ name, type: common }) => ({ name, type: common }))).toEqual(reads.columns)
      for (const { nativeType } of columns) expect(nativeType).not.toBe('')
      for (const row of rows) expect(row).toHaveLength(columns.length)
    })

    test('gives no more rows than are wanted, says that there were more, and leaves nothing', async () => {
      await using server = await fixture.start()
      const { rows, truncated } = await run(server, 1)
      expect({ rows, truncated }).toEqual({ rows: reads.rows.slice(0, 1), truncated: true })
    })

    test('ends where it is cancelled, and leaves nothing', async () => {
      const server = await fixture.start({ silentAt: 'QUERY' })
      await using scene = direct(server)
      await cancelQuery(place, fixture, scene, server.query)
    })

    if (hasTunnel(fixture)) {
      test('ends where it is cancelled behind a tunnel, and leaves nothing', async () => {
        const server = await fixture.start({ silentAt: 'QUERY' })
        await using scene = await throughTunnel(server)
        await cancelQuery(place, fixture, scene, server.query)
      })
    }
  },
)

test.each(registered)('a reader of $name who goes away after the columns leaves nothing', async ({ name, fixture }) => {
  const { type, reads } = fixture
  await using server = await fixture.start()
  const job: QueryJob = {
    kind: 'QUERY',
    typeName: name,
    config: parseInput(type, server.input),
    query: type.queryForm.schema.parse(reads.query),
    limits: { maxRows: 100, maxBytes: 1_048_576 },
    environment: await environmentFor(server.surroundings),
  }
  const read = async () => {
    const options = { workspaceId: 'a', signal: new AbortController().signal, deadlineMs: 20_000 }
    for await (const part of contractHost().stream(job, options)) {
      expect(part.kind).toBe('COLUMNS')
      break
    }
  }
  await child.leavesNothing(type, async () => server.left(), read)
})

const writing = registered.flatMap(({ name, fixture }) =>
  typeof fixture.writes === 'string'
    ? []
    : fixture.writes.map(query => ({ name, fixture, query, text: JSON.stringify(query) })),
)

test.each(writing)('a query of $name that would write is refused before anything is sent: $text', async each => {
  const { name, fixture, query } = each
  const { type } = fixture
  await using server = await fixture.start()
  // What the form itself refuses never gets as far as a fence.
  expect(validateForm(type.queryForm, query)).toMatchObject({ ok: true })
  const outcome = await child.query(type, server.input, query, server.surroundings ?? {})
  expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'QUERY_NOT_READ_ONLY', retryable: false } })
  expect(server.connections()).toBe(0)
  const { message, fields } = outcome.kind === 'PROBLEM' ? outcome.problem : { message: '', fields: [] }
  expect(message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
  expect(fields.length).toBeGreaterThan(0)
  const paths = formFields(type.queryForm).map(({ path }) => path)
  for (const field of fields) expect(paths).toContain(field.replaceAll(/\.\d+(?=\.|$)/g, '.*'))
  proves(name, 'QUERY_NOT_READ_ONLY', 'DOUBLE')
})
