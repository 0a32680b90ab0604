import { afterAll, beforeAll, expect, test } from 'vitest'
import { storyTabs } from '../../src/graphiql.ts'
import { startTestApp, type TestApp } from '../harness.ts'
import { PostgresServer, superuser, uniqueName } from '../servers/postgres.ts'

let app: TestApp
let postgres: PostgresServer

beforeAll(async () => {
  ;[app, postgres] = await Promise.all([startTestApp(), PostgresServer.start()])
})
afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

test('x', async () => {
  for (const tab of storyTabs) {
    const variables = 'variables' in tab ? JSON.parse(tab.variables) : {}
    if (variables.input) {
      variables.input.config.postgres.port = postgres.port
      variables.input.config.postgres.auth.password = { username: superuser.username, password: superuser.password }
    }
    if (tab.query.includes('subscription')) {
      for await (const item of app.subscribe(tab.query)) console.log(JSON.stringify(item).slice(0, 600))
    } else console.log(JSON.stringify(await app.fetchGraphql(tab.query, variables)).slice(0, 1500))
  }
  console.log(app.log())
  expect(1).toBe(1)
})
