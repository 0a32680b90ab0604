import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'integrating.md'), 'utf8')
const recipes = join(import.meta.dirname, 'recipes')

describe('docs/integrating.md', () => {
  test.each(readdirSync(recipes))('shows the recipe %s as it is tested', file => {
    expect(page).toContain(`\`\`\`ts\n${readFileSync(join(recipes, file), 'utf8')}\`\`\`\n`)
  })
})
