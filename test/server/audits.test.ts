import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../harness.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app?.[Symbol.asyncDispose]())

/** GET needs a header that pages of other sites cannot send; POST as JSON must do without. */
const fetchFn = (url: string, init: RequestInit = {}) =>
  fetch(url, init.method === 'POST' ? init : { ...init, headers: { ...init.headers, 'x-graphql-yoga-csrf': 'audit' } })

const audits = serverAudits({ url: () => app.url, fetchFn })

test('the suite is the one that is known', () => {
  expect(audits).toHaveLength(61)
})

test.each(audits.map(audit => [audit.name, audit] as const))('GraphQL over HTTP: %s', async (_name, audit) => {
  expect(await audit.fn()).toMatchObject({ status: 'ok' })
})
