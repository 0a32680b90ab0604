import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { connectorRow } from '../schema/schema-world.ts'
import { startServer } from './server-world.ts'

test('an operation whose client is gone goes no further', async () => {
  const running = Promise.withResolvers<AbortSignal>()
  const verifications = vi.fn(async () => [{ state: 'NEVER' as const, changedFields: [], test: null }])
  await using server = await startServer({
    connectors: {
      page: async () => {
        const signal = await running.promise
        if (!signal.aborted) await once(signal, 'abort')
        return { rows: [connectorRow('c1')], cursors: ['cursor'], hasNextPage: false }
      },
      verifications,
    },
    datasets: {
      preview: async (_viewer, _target, _first, signal) => {
        running.resolve(signal)
        return once(signal, 'abort') as Promise<never>
      },
    },
  })
  const query = `{
    previewDataset(input: { target: { saved: "x" } }) { __typename }
    connectors { nodes { verification { state } } }
  }`
  const client = new AbortController()
  const headers = { 'content-type': 'application/json' }
  const asked = fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ query }), signal: client.signal })
  const signal = await running.promise
  const noticed = once(signal, 'abort')
  client.abort()
  await expect(asked).rejects.toThrow()
  await noticed
  // The list is there now; whatever would be asked of its rows is asked in the next turns.
  for (let turn = 0; turn < 5; turn++) await setImmediate()
  expect(verifications).not.toHaveBeenCalled()
})
