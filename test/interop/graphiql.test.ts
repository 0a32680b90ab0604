import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createConnector } from '../clients/operations.ts'
import { connect } from '../clients/recipes/graphql-request.ts'
import { createSource } from '../clients/source.ts'
import { PostgresServer } from '../servers/postgres.ts'
import { BuiltServer } from './built-server.ts'
import { install } from './install.ts'

const program = '/usr/bin/chromium'
const artifacts = join(import.meta.dirname, '..', '.artifacts')
const installation = await install('chromium', program)

if (installation.installed) describe('GraphiQL in Chromium, offline', inChromium)
else test('GraphiQL in Chromium, offline', context => context.skip(installation.reason))

function inChromium(): void {
  let postgres: PostgresServer
  let server: BuiltServer
  let profile: string
  let browser: BrowserContext
  let page: Page
  const urls = new Set<string>()

  beforeAll(async () => {
    ;[postgres, server] = await Promise.all([PostgresServer.start(), BuiltServer.start()])
    const { config } = await createSource(postgres)
    // The connector that the tabs speak of.
    await connect(server.url).run(createConnector, { input: { name: 'Sales', config } })

    profile = await mkdtemp(join(tmpdir(), 'patchbay-chromium-'))
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: program,
      headless: true,
      viewport: { width: 1600, height: 1000 },
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
      ],
    })
    browser.on('request', request => urls.add(request.url()))
    page = await browser.newPage()
    page.on('websocket', socket => urls.add(socket.url()))
    await page.goto(server.url)
    await mkdir(artifacts, { recursive: true })
  })

  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await postgres?.[Symbol.asyncDispose]()
    if (profile) await rm(profile, { recursive: true, force: true })
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
