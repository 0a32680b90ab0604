import { describe, expect, test } from 'vitest'
import { formTree } from '../../src/connectors/form-tree.ts'
import { isLeaf, walkNodes, walkValues } from '../../src/connectors/form-tree-walk.ts'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { fixtures, registered } from './fixtures.ts'
import { parseInput, secretsIn } from './shared-blocks.ts'

/** A path without the places in lists. */
const pathOf = (segments: readonly string[]) => segments.join('.').replaceAll(/\.\d+(?=\.|$)/g, '.*')

test.each(builtInConnectorTypes)('the type $name has a fixture', type => {
  const help = `Write test/contract/fixtures/${type.inputKey}.ts and name it in test/contract/fixtures.ts.`
  expect(fixtures[type.name]?.type, help).toBe(type)
})

test('no fixture is of a type that is not registered', () => {
  expect(Object.keys(fixtures).sort()).toEqual(builtInConnectorTypes.map(({ name }) => name).sort())
})

describe.each(registered)('the fixture of $name', ({ fixture }) => {
  const { type, inputs } = fixture

  test('gives every field and every alternative of the form in some input', () => {
    const { root } = formTree(type.form)
    const given = new Set<string>()
    for (const input of Object.values(inputs)) {
      parseInput(type, input)
      for (const { value, segments } of walkValues(root, input)) if (value !== undefined) given.add(pathOf(segments))
    }
    const nodes = [...walkNodes(root)].filter(node => isLeaf(node) || (node.kind === 'group' && node.fields.size === 0))
    expect(nodes.length).toBeGreaterThan(0)
    expect(nodes.map(({ path }) => path).filter(path => !given.has(path))).toEqual([])
  })

  test('has secrets that can be told from everything else', () => {
    for (const [inputName, input] of Object.entries(inputs)) {
      const secrets = Object.values(secretsIn(type, input))
      for (const secret of secrets) expect(secret.length, inputName).toBeGreaterThan(16)
      expect(new Set(secrets).size, inputName).toBe(secrets.length)
    }
  })

  test('says why, where a server cannot be silent, and seldom has to', () => {
    const reasons = Object.entries(fixture.neverSilent)
    expect(reasons.length, 'steps without silence').toBeLessThanOrEqual(2)
    for (const [key, reason] of reasons) expect(reason, key).toMatch(/^[A-Z].{20,}\.$/)
    for (const each of [fixture.writes, fixture.neverEchoes, fixture.knowsNoRights].filter(
      text => typeof text === 'string',
    )) {
      expect(each).toMatch(/^[A-Z].{20,}\.$/)
    }
  })

  test('serves inputs that it has, and answers queries with rows', () => {
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining([...fixture.served]))
    expect(fixture.reads.columns.length).toBeGreaterThan(0)
    expect(fixture.reads.rows.length).toBeGreaterThan(1)
  })
})
