import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'integrating.md'), 'utf8')
const schema = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'))
const recipes = join(import.meta.dirname, 'recipes')

const operations = [...page.matchAll(/```graphql\n(.*?)```/gs)].map(([, text = '']) => ({
  text,
  name: /(?:query|mutation|subscription) (\w+)/.exec(text)?.[1] ?? text,
}))

describe('docs/integrating.md', () => {
  test.each(operations)('shows an operation $name that fits the schema', ({ text }) => {
    expect(validate(schema, parse(text))).toEqual([])
  })

  test('shows operations', () => {
    expect(operations.length).toBeGreaterThan(5)
  })

  test.each(readdirSync(recipes))('shows the recipe %s as it is tested', file => {
    expect(page).toContain(`\`\`\`ts\n${readFileSync(join(recipes, file), 'utf8')}\`\`\`\n`)
  })
})
