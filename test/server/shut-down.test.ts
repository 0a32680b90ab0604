import { expect, test } from 'vitest'
import { connectorRow } from '../schema/schema-world.ts'
import { startServer } from './server-world.ts'

test('a running request is answered, new ones are not let in', async () => {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  const server = await startServer({
    connectors: {
      find: async () => {
        asked.resolve()
        await answer.promise
        return connectorRow('c1')
      },
    },
  })
  const running = server.post({ query: '{ connector(by: { name: "x" }) { name } }' })
  await asked.promise
  const ended = server.shutDown(10_000)
  await expect(fetch(`${server.origin}/ready`)).rejects.toThrow()
  answer.resolve()
  expect(await running).toMatchObject({ status: 200, body: { data: { connector: { name: 'Connector c1' } } } })
  await ended
})

test('a request that does not end is dropped after the grace time', async () => {
  const asked = Promise.withResolvers<void>()
  const server = await startServer({
    connectors: {
      find: () => {
        asked.resolve()
        return new Promise(() => {})
      },
    },
  })
  const running = server.post({ query: '{ connector(by: { name: "x" }) { name } }' })
  const dropped = expect(running).rejects.toThrow()
  await asked.promise
  await server.shutDown(50)
  await dropped
})
