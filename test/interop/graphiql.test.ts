import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createConnector } from '../clients/operations.ts'
import { connect } from '../clients/recipes/graphql-request.ts'
import { createSource } from '../clients/source.ts'
import { PostgresServer } from '../servers/postgres.ts'
import { BuiltServer } from './built-server.ts'
import { Chromium, installChromium } from './chromium.ts'

const artifacts = join(import.meta.dirname, '..', '.artifacts')
const installation = await installChromium()

if (installation.installed) describe('GraphiQL in Chromium, offline', inChromium)
else test('GraphiQL in Chromium, offline', context => context.skip(installation.reason))

function inChromium(): void {
  let postgres: PostgresServer
  let server: BuiltServer
  let browser: Chromium
  let page: Page
  const urls = new Set<string>()

  beforeAll(async () => {
    ;[postgres, server] = await Promise.all([PostgresServer.start(), BuiltServer.start()])
    const { config } = await createSource(postgres)
    // The connector that the tabs speak of.
    await connect(server.url).run(createConnector, { input: { name: 'Sales', config } })

    browser = await Chromium.start()
    browser.context.on('request', request => urls.add(request.url()))
    page = await browser.context.newPage()
    page.on('websocket', socket => urls.add(socket.url()))
    await page.goto(server.url)
    await mkdir(artifacts, { recursive: true })
  })

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    await postgres?.[Symbol.asyncDispose]()
  })

  const openTab = async (name: string) => {
    // By the keyboard: tabs can be dragged, and a robot's click is taken for the beginning of that.
    await page.getByRole('button', { name, exact: true }).press('Enter')
    await page.locator('.graphiql-tab-active', { hasText: name }).waitFor()
  }
  /** Presses the button until the response shows `text`: right after a change of tabs it still runs the old one. */
  const executeUntil = (text: string) =>
    vi.waitFor(async () => {
      await page.getByRole('button', { name: /^Execute/ }).click()
      await page.locator('.graphiql-response').getByText(text).waitFor({ timeout: 5_000 })
    }, 30_000)

  test('runs the prefilled query', async () => {
    await openTab('ConnectorTypes')
    await executeUntil('"PostgreSQL"')
    await page.screenshot({ path: join(artifacts, 'graphiql-query.png') })
  })

  test('streams the prefilled test of a real PostgreSQL', async () => {
    await openTab('TestConnection')
    await executeUntil('"PASSED_WITH_WARNINGS"')
    await page.screenshot({ path: join(artifacts, 'graphiql-test.png') })
  })

  test('asks nothing of any other host, and puts no operation into a URL', () => {
    // The page makes its workers and fonts out of itself.
    const asked = [...urls].filter(url => !/^(data|blob):/.test(url))
    expect(asked).toEqual([server.url])
  })
}
