import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const schema = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'))
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root })

const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, match = '']) => match)

describe.each(pages)('%s', page => {
  const text = readFileSync(join(root, page), 'utf8')

  test('shows only operations that fit the schema', () => {
    for (const operation of found(text, /```graphql\n(.*?)```/gs)) {
      expect(validate(schema, parse(operation)), operation).toEqual([])
    }
  })

  test('leads only to what exists', () => {
    const links = found(text, /\]\(([^)#]+)[^)]*\)/g).filter(link => !/^https?:/.test(link))
    const missing = links.filter(link => !existsSync(join(root, dirname(page), link)))
    const paths = found(text, /`((?:src|test|docs|scripts|bench)\/[^`*]*)`/g)
    expect([...missing, ...paths.filter(path => !existsSync(join(root, path)))]).toEqual([])
  })

  test('names only npm scripts that exist', () => {
    expect(found(text, /npm run ([\w:]+)/g).filter(name => scripts[name] === undefined)).toEqual([])
  })
})

test('the pages show operations, links and scripts', () => {
  const all = pages.map(page => readFileSync(join(root, page), 'utf8')).join('\n')
  expect(found(all, /```(graphql)\n/g).length).toBeGreaterThan(8)
  expect(found(all, /\]\(([^)#]+\.md)\)/g).length).toBeGreaterThan(8)
  expect(found(all, /npm run ([\w:]+)/g).length).toBeGreaterThan(8)
})
