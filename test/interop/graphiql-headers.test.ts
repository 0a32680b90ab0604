import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTenants, type Tenant, type Tenants } from '../e2e/tenants.ts'
import { Chromium, installChromium } from './chromium.ts'

const installation = await installChromium()

if (installation.installed) describe('GraphiQL where callers are recognised', inChromium)
else test('GraphiQL where callers are recognised', context => context.skip(installation.reason))

function inChromium(): void {
  let tenants: Tenants
  let tenant: Tenant
  let browser: Chromium
  let page: Page

  beforeAll(async () => {
    tenants = await startTenants()
    tenant = await tenants.tenant('north')
    browser = await Chromium.start()
    page = await browser.context.newPage()
    await page.goto(tenants.url)
  })
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await tenants?.stop()
  })

  const executeUntil = (text: string) =>
    vi.waitFor(async () => {
      await page.getByRole('button', { name: /^Execute/ }).click()
      await page.locator('.graphiql-response').getByText(text).waitFor({ timeout: 5_000 })
    }, 30_000)

  test('shows why it is refused without a credential', async () => {
    await executeUntil('"UNAUTHENTICATED"')
  })

  test('sends the credential of its headers editor, and keeps it nowhere', async () => {
    await page.getByRole('button', { name: 'Headers', exact: true }).click()
    await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)').click()
    await page.keyboard.insertText(JSON.stringify({ Authorization: `Bearer ${tenant.token}` }))
    await executeUntil('"PostgreSQL"')
    const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
    expect(stored).not.toContain(tenant.token)
    expect(await browser.context.cookies()).toEqual([])
  })
}
