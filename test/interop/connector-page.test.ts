import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plainSecret } from '../canary/secrets.ts'
import { leastInputs } from '../clients/every-type.ts'
import { connect } from '../clients/recipes/graphql-request.ts'
import { createSource, type Source } from '../clients/source.ts'
import type { ConnectorTypeName } from '../generated/graphql.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { BuiltServer } from './built-server.ts'
import { Chromium, installChromium } from './chromium.ts'
import { PageServer } from './page-server.ts'

const root = join(import.meta.dirname, '..', '..')
// Pictures of the page are part of the documentation; they are taken anew when they are asked for.
const pictures = process.env['UPDATE_SCREENSHOTS'] ? join(root, 'docs', 'images') : join(root, 'test', '.artifacts')
const name = 'A page that knows no connector type in advance, in Chromium'
const installation = await installChromium()

if (installation.installed) describe(name, inChromium)
else test(name, context => context.skip(installation.reason))

interface FormField {
  readonly path: string
  readonly label: string
  readonly kind: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly visibleWhen: readonly unknown[]
}
interface CatalogueEntry {
  readonly name: ConnectorTypeName
  readonly label: string
  readonly form: { readonly fields: readonly FormField[] }
}

/** How the two ways of drawing a form are operated; both show the same labels. */
interface Drawing {
  readonly name: string
  readonly option: string
  fieldAt(editor: Locator, path: string): Locator
  choose(editor: Locator, path: string, label: string): Promise<void>
  issueAt(editor: Locator, path: string): Locator
  showAdvanced(editor: Locator): Promise<void>
}

const drawings: readonly Drawing[] = [
  {
    name: 'from FormFields',
    option: 'FIELDS',
    fieldAt: (editor, path) =>
      editor.locator(`[data-path="${path}"] > input, [data-path="${path}"] > textarea, [data-path="${path}"] > select`),
    choose: async (editor, path, label) => {
      await editor.locator(`[data-path="${path}"] > select`).selectOption({ label })
    },
    issueAt: (editor, path) => editor.locator(`[data-path="${path}"] > .issue`),
    showAdvanced: editor => editor.getByLabel('Show advanced fields').check(),
  },
  {
    name: 'by @rjsf/core from the JSON Schema',
    option: 'SCHEMA',
    fieldAt: (editor, path) => editor.locator(`#root_${path.replaceAll('.', '_')}`),
    choose: async (editor, path, label) => {
      const field = editor.locator(
        `#root_${path.replaceAll('.', '_')}, #root_${path.replaceAll('.', '_')}__oneof_select`,
      )
      await field.locator('visible=true').first().selectOption({ label })
    },
    issueAt: (editor, path) => editor.locator(`#root_${path.replaceAll('.', '_')}__error`),
    showAdvanced: async () => {},
  },
]

function inChromium(): void {
  let postgres: PostgresServer
  let server: BuiltServer
  let pages: PageServer
  let browser: Chromium
  let page: Page
  let types: readonly CatalogueEntry[]
  const urls = new Set<string>()
  const faults: string[] = []

  beforeAll(async () => {
    ;[postgres, pages] = await Promise.all([PostgresServer.start(), PageServer.start()])
    server = await BuiltServer.start({ ALLOWED_ORIGINS: pages.origin })
    const catalogue = await connect(server.url).run(
      `query {
        connectorTypes {
          name label form { fields { path label kind options { value label } visibleWhen { path } } }
        }
      }`,
      {},
    )
    types = (catalogue as { connectorTypes: readonly CatalogueEntry[] }).connectorTypes
    browser = await Chromium.start({ width: 1000, height: 1100 })
    browser.context.on('request', request => urls.add(new URL(request.url()).origin))
    page = await browser.context.newPage()
    page.on('pageerror', error => faults.push(error.message))
    page.on('console', message => message.type() === 'error' && faults.push(message.text()))
    await mkdir(pictures, { recursive: true })
  }, 180_000)

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await pages?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    await postgres?.[Symbol.asyncDispose]()
  })

  const shot = (file: string) => page.screenshot({ path: join(pictures, `${file}.png`), fullPage: true })

  async function openGallery(option: string): Promise<void> {
    await page.goto(`${pages.origin}/?api=${encodeURIComponent(server.url)}`)
    await page.locator('.drawn-by').selectOption(option)
    await page.locator('.gallery button').first().waitFor()
  }

  async function openEditor(type: string): Promise<Locator> {
    await page.locator(`.gallery button[data-type="${type}"]`).click()
    const editor = page.locator(`.editor[data-type="${type}"]`)
    await editor.waitFor()
    return editor
  }

  test('the gallery shows every type with a picture, and finds types by words of their field', async () => {
    await openGallery('FIELDS')
    expect(await page.locator('.gallery span').allTextContents()).toEqual(types.map(type => type.label))
    const sizes = await page
      .locator('.gallery img')
      .evaluateAll(images => images.map(image => (image as unknown as { naturalWidth: number }).naturalWidth))
    expect(sizes.filter(width => width > 0)).toHaveLength(types.length)
    await shot('connector-gallery')
    await page.locator('.search').fill('mariadb')
    await page.locator('.gallery button', { hasText: 'PostgreSQL' }).waitFor({ state: 'detached' })
    expect(await page.locator('.gallery button').count()).toBe(1)
  })

  describe.each(drawings)('drawn $name', drawing => {
    test('every type has a form with all of its fields', async () => {
      const missing: string[] = []
      for (const type of types) {
        await openGallery(drawing.option)
        const editor = await openEditor(type.name)
        await drawing.showAdvanced(editor)
        const text = (await editor.allInnerTexts()).join('\n')
        const shown = type.form.fields.filter(field => !field.path.includes('.') && field.visibleWhen.length === 0)
        expect(shown.length).toBeGreaterThan(0)
        missing.push(...shown.filter(({ label }) => !text.includes(label)).map(({ path }) => `${type.name} ${path}`))
      }
      expect(missing).toEqual([])
    }, 120_000)

    test('every type is filled in, found right by the server, and saved', async () => {
      await openGallery(drawing.option)
      for (const type of types) {
        const editor = await openEditor(type.name)
        const label = uniqueName(`Least_${type.name.toLowerCase()}`)
        await editor.locator('.name').fill(label)
        const [input] = Object.values(leastInputs(plainSecret())[type.name])
        await fillAll(drawing, editor, type, input as object)
        await editor.getByRole('button', { name: 'Check', exact: true }).click()
        await editor.locator('.said', { hasText: 'Everything is filled in as it should be.' }).waitFor()
        await editor.getByRole('button', { name: 'Save', exact: true }).click()
        await page.locator(`.saved li[data-name="${label}"]`).waitFor()
      }
    }, 120_000)

    test('a connector is filled in, refused, tested, saved, edited with its secret kept, and deleted with a dataset', async () => {
      const source = await createSource(postgres)
      await openGallery(drawing.option)
      const editor = await openEditor('POSTGRES')
      const label = uniqueName('Orders')
      await editor.locator('.name').fill(label)
      await fillIn(drawing, editor, source, { host: 'no host', password: 'wrong' })

      // What the server finds wrong stands at its field.
      await editor.getByRole('button', { name: 'Check', exact: true }).click()
      await drawing.issueAt(editor, 'host').waitFor()
      await shot(`connector-issue-${drawing.option.toLowerCase()}`)

      // A wrong password: the streamed test says which step failed.
      await drawing.fieldAt(editor, 'host').fill('127.0.0.1')
      await editor.getByRole('button', { name: 'Test', exact: true }).click()
      await editor.locator('.test[data-status="FAILED"]').waitFor()
      expect(await editor.locator('.test li[data-status="FAILED"]').allInnerTexts()).toEqual([
        expect.stringContaining('Sign in'),
      ])
      await drawing.fieldAt(editor, 'auth.password.password').fill(passwordOf(source))
      await editor.getByRole('button', { name: 'Test', exact: true }).click()
      await editor.locator('.test[data-status^="PASSED"]').waitFor()
      await shot(`connector-tested-${drawing.option.toLowerCase()}`)

      await editor.getByRole('button', { name: 'Save', exact: true }).click()
      const saved = page.locator(`.saved li[data-name="${label}"]`)
      await saved.waitFor()
      // The test that was shown is the one that the connector has.
      expect(await saved.textContent()).toContain('CURRENT')

      // Edited: the password is not there, and is kept.
      await saved.getByRole('button', { name: 'Edit' }).click()
      const again = page.locator('.editor[data-type="POSTGRES"]')
      await again.waitFor()
      expect(await drawing.fieldAt(again, 'host').inputValue()).toBe('127.0.0.1')
      expect(await page.content()).not.toContain(passwordOf(source))
      await again.locator('.name').fill(`${label} renamed`)
      await again.getByRole('button', { name: 'Test', exact: true }).click()
      await again.locator('.test[data-status^="PASSED"]').waitFor()
      await again.getByRole('button', { name: 'Save', exact: true }).click()
      const renamed = page.locator(`.saved li[data-name="${label} renamed"]`)
      await renamed.waitFor()

      await deleteWithOneDataset(label, source, renamed)
    }, 120_000)
  })

  test('values that the source has can be chosen from, and why not is said beside the field', async () => {
    const source = await createSource(postgres)
    await openGallery('FIELDS')
    const editor = await openEditor('POSTGRES')
    const [fields] = drawings as [Drawing, Drawing]
    await fillIn(fields, editor, source, { password: 'wrong' })
    const live = editor.locator('[data-path="database"] .live')
    await live.getByRole('button').click()
    await live.getByText('rejected the credentials').waitFor()
    await fields.fieldAt(editor, 'auth.password.password').fill(passwordOf(source))
    await live.getByRole('button').click()
    await live.locator('output', { hasText: source.database }).waitFor()
    await shot('connector-live-options')
  }, 60_000)

  test('nothing fails in the page, and it asks nobody but the server and itself', () => {
    expect(faults).toEqual([])
    expect([...urls].filter(origin => origin !== 'null').toSorted()).toEqual(
      [pages.origin, new URL(server.url).origin].toSorted(),
    )
  })

  async function fillIn(
    drawing: Drawing,
    editor: Locator,
    source: Source,
    { host = '127.0.0.1', password }: { readonly host?: string; readonly password: string },
  ): Promise<void> {
    const { port, database, auth } = configOf(source)
    await drawing.fieldAt(editor, 'host').fill(host)
    await drawing.fieldAt(editor, 'port').fill(String(port))
    await drawing.fieldAt(editor, 'database').fill(database)
    await drawing.choose(editor, 'auth', 'User name and password')
    await drawing.fieldAt(editor, 'auth.password.username').fill(auth.password.username)
    await drawing.fieldAt(editor, 'auth.password.password').fill(password)
    await drawing.choose(editor, 'tls.mode', 'No encryption')
  }

  /** Fills in what an input has, by what the catalogue says of its fields. */
  async function fillAll(drawing: Drawing, editor: Locator, { form }: CatalogueEntry, input: object): Promise<void> {
    for (const { path, kind, options } of form.fields) {
      const value = path
        .split('.')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], input)
      if (value === undefined || kind === 'GROUP') continue
      const wanted = kind === 'ALTERNATIVES' ? Object.keys(value as object)[0] : value
      const option = options.find(each => each.value === wanted)
      if (option) await drawing.choose(editor, path, option.label)
      else await drawing.fieldAt(editor, path).fill(String(value))
    }
  }

  /** Two datasets depend on it: one is deleted with it, the other stays without a connector. */
  async function deleteWithOneDataset(label: string, source: Source, saved: Locator): Promise<void> {
    const client = connect(server.url)
    const connector = { name: `${label} renamed` }
    for (const dataset of [`${label} lamps`, `${label} chairs`]) {
      const create = 'mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { __typename } }'
      await client.run(create, { input: { connector, name: dataset, query: source.query } })
    }
    await saved.getByRole('button', { name: 'Delete' }).click()
    await page.getByLabel(`Delete ${label} lamps too`).check()
    await shot('connector-deletion')
    await page.locator('.deletion').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.locator('.gallery').waitFor()
    await saved.waitFor({ state: 'detached' })
    const rest = await client.run('query { datasets(first: 100) { nodes { name status } } }', {})
    const { nodes } = (rest as { datasets: { nodes: readonly { name: string; status: string }[] } }).datasets
    expect(nodes.filter(dataset => dataset.name.startsWith(label))).toEqual([
      { name: `${label} chairs`, status: 'DISCONNECTED' },
    ])
  }
}

interface PostgresInput {
  readonly port: number
  readonly database: string
  readonly auth: { readonly password: { readonly username: string; readonly password: string } }
}
const configOf = ({ config }: Source) => config.postgres as PostgresInput
const passwordOf = (source: Source) => configOf(source).auth.password.password
