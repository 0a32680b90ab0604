import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { isLeaf, walkNodes } from '../../src/connectors/form-tree-walk.ts'
import { registered } from './fixtures.ts'
import type { TypeFixture } from './type-fixture.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** Empty where there is none. */
function pageOf({ type }: TypeFixture): string {
  const path = `docs/${type.docsPath}`
  return existsSync(new URL(`../../${path}`, import.meta.url)) ? read(path) : ''
}

/** The text below a heading, up to the next one of its level. */
function section(page: string, heading: string): string | undefined {
  const parts = page.split(/^## /m)
  return parts.find(part => part.startsWith(`${heading}\n`))?.slice(heading.length)
}

/** First cells of a table's rows. */
function rowsIn(text: string): readonly string[] {
  const [, , ...rows] = text.split('\n').filter(line => line.startsWith('|'))
  return rows.map(row => row.split('|')[1]?.trim() ?? '')
}

const wordsOf = (page: string): ReadonlySet<string> => new Set(page.match(/[A-Za-z]\w*/g))
/** The same for every type that has them. */
const sharedGroups = ['tls', 'sshTunnel', 'limits']

/** What the page of every type that connects to something has. */
const headings = ['Form', 'The test', 'Read-only account', 'Datasets', 'Proven how']

describe.each(registered)('the page of $name', ({ name, fixture }) => {
  const { type } = fixture
  const page = pageOf(fixture)

  test('exists', () => {
    expect(page, `docs/${type.docsPath}`).not.toBe('')
  })

  test('says which type it is about, and is found from the first page', () => {
    expect(page).toContain(`# ${type.label}`)
    expect(page).toContain(`\`${name}\``)
    expect(page).toContain(`\`${type.inputKey}\``)
    expect(read('README.md')).toContain(`](docs/${type.docsPath})`)
  })

  test('names every field of the forms, those of shared groups there or where it leads to', () => {
    const words = wordsOf(page)
    const linked = [...page.matchAll(/\]\((\w+\.md)/g)].map(([, link]) => read(`docs/connectors/${link}`))
    const wordsElsewhere = wordsOf(linked.join('\n'))
    for (const form of [type.form, type.queryForm]) {
      const nodes = [...walkNodes(formTree(form).root)].filter(node => isLeaf(node) && node.key !== '*')
      const isNamed = ({ path, key }: FormTreeNode) => {
        const [group = ''] = path.split('.')
        return words.has(key) || (sharedGroups.includes(group) && words.has(group) && wordsElsewhere.has(key))
      }
      expect(nodes.filter(node => !isNamed(node)).map(({ path }) => path)).toEqual([])
    }
  })
})

const connecting = registered.filter(({ fixture }) => fixture.type.category !== 'DEVELOPMENT')

describe.each(connecting)('the page of $name', ({ fixture }) => {
  const page = pageOf(fixture)
  const planned = ({ type, inputs }: TypeFixture) =>
    new Set(
      Object.values(inputs).flatMap(input => {
        const parsed = type.form.schema.parse(input)
        return type.plan(parsed).map(({ key }) => key)
      }),
    )

  test.each(headings)('has the section "%s"', heading => {
    expect(section(page, heading)?.trim()).toBeTruthy()
  })

  test('says of every step what it claims', () => {
    const steps = page.match(/^\| `[A-Z_]+`.*$/gm) ?? []
    for (const key of planned(fixture))
      expect(
        steps.filter(row => row.startsWith(`| \`${key}\``)),
        key,
      ).not.toEqual([])
  })

  test('shows how to make an account that can only read', () => {
    expect(section(page, 'Read-only account')).toMatch(/```\w+\n[^`]*\S[^`]*```/)
  })

  test('has a table of what is proven how, with what only a double shows', () => {
    const proven = section(page, 'Proven how') ?? ''
    expect(rowsIn(proven).length).toBeGreaterThanOrEqual(4)
    expect(proven).toMatch(/\bdoubles?\b/)
    expect(proven).toContain('npm test')
  })
})
