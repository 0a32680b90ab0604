import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { registered } from './fixtures.ts'

/** What clients are given: written from the code by `npm run schema:print`. */
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'))

function fieldsOf(type: GraphQLNamedType | undefined) {
  if (!isObjectType(type) && !isInputObjectType(type)) throw new Error(`${type?.name} has no fields.`)
  return type.getFields()
}
const valuesOf = (type: GraphQLNamedType | undefined) =>
  isEnumType(type) ? type.getValues().map(({ name }) => name) : []
const namesIn = (type: GraphQLNamedType | undefined) => Object.keys(fieldsOf(type)).sort()

/** A type and every type of its fields' values, of which the form is the origin. */
function reachable(type: GraphQLNamedType, found = new Set<GraphQLNamedType>()): ReadonlySet<GraphQLNamedType> {
  if (found.has(type)) return found
  found.add(type)
  if (isObjectType(type) || isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) reachable(getNamedType(field.type as GraphQLType), found)
  }
  return found
}

type Half = 'INPUT' | 'PATCH' | 'OUTPUT'

/** Whether the API ever shows it: of what always is a secret, and of groups with nothing else, there is no field. */
function isShown(node: FormTreeNode): boolean {
  if (node.kind === 'group') return [...node.fields.values()].some(isShown)
  return node.kind !== 'secret' || node.secretWhen !== null
}

/** Compares a GraphQL type with the part of the form that it stands for, and all below. */
function assertIsOf(type: GraphQLNamedType, node: FormTreeNode, half: Half, isKeyed = false): void {
  if (node.kind === 'list') {
    // Lists are replaced whole, but for those whose items hold secrets.
    assertIsOf(type, node.item, half === 'PATCH' && !node.isKeyed ? 'INPUT' : half, node.isKeyed)
    return
  }
  if (node.kind === 'choice') {
    expect(valuesOf(type).sort(), type.name).toEqual(Object.keys(node.choices).sort())
    return
  }
  if (node.kind !== 'group' && node.kind !== 'alternatives') {
    expect(['String', 'Int', 'Float', 'Boolean'], node.path).toContain(type.name)
    return
  }
  const children = [...(node.kind === 'group' ? node.fields : node.alternatives).values()]
  const wanted = half === 'OUTPUT' ? children.filter(isShown) : children
  const kind = half === 'OUTPUT' && node.kind === 'alternatives' ? ['kind'] : []
  expect(namesIn(type), type.name).toEqual([...kind, ...wanted.map(({ key }) => key)].sort())
  expect(isInputObjectType(type) && type.isOneOf, type.name).toBe(node.kind === 'alternatives' && half !== 'OUTPUT')
  for (const child of wanted) {
    const field = fieldsOf(type)[child.key]
    const inner = getNamedType(field?.type as GraphQLType)
    // A fieldless alternative is `name: true`.
    if (child.kind === 'group' && child.fields.size === 0) expect(inner.name, child.path).toBe('Boolean')
    else assertIsOf(inner, child, half)
    // By its name a patch says which item it is about.
    const given = isKeyed && child.key === 'name' && half === 'PATCH' ? 'INPUT' : half
    if (node.kind === 'group') assertIsGiven(`${type.name}.${child.key}`, field as InputField, child, given)
  }
}

interface InputField {
  readonly type: GraphQLType
  readonly defaultValue?: unknown
}

/** Whether and how a field has to be given: required, by its default, or not at all. */
function assertIsGiven(name: string, { type, defaultValue }: InputField, node: FormTreeNode, half: Half): void {
  if (half === 'OUTPUT') return
  const { required, defaultValue: expected } = node
  const isNonNull = half === 'INPUT' && (required || expected !== undefined)
  expect({ name, isNonNull: isNonNullType(type) }).toEqual({ name, isNonNull })
  expect({ name, hasDefault: defaultValue !== undefined }).toEqual({
    name,
    hasDefault: half === 'INPUT' && expected !== undefined,
  })
  const isLeaf = node.kind !== 'group' && node.kind !== 'alternatives'
  if (half === 'INPUT' && isLeaf && expected !== undefined) expect(defaultValue, name).toEqual(expected)
}

describe.each(registered)('the GraphQL types of $name', ({ name, fixture }) => {
  const { inputKey, form, queryForm } = fixture.type
  const prefix = `${inputKey.charAt(0).toUpperCase()}${inputKey.slice(1)}`
  const halves: readonly (readonly [string, FormTreeNode, Half])[] = [
    [`${prefix}ConfigInput`, formTree(form).root, 'INPUT'],
    [`${prefix}ConfigPatch`, formTree(form).root, 'PATCH'],
    [`${prefix}Config`, formTree(form).root, 'OUTPUT'],
    [`${prefix}DatasetQueryInput`, formTree(queryForm).root, 'INPUT'],
    [`${prefix}DatasetQuery`, formTree(queryForm).root, 'OUTPUT'],
  ]
  const typeNamed = (typeName: string): GraphQLNamedType => {
    const type = schema.getType(typeName)
    if (!type) throw new Error(`schema.graphql has no type ${typeName}: npm run schema:print`)
    return type
  }

  test.each(halves)('%s is what the form says, with its defaults', (typeName, node, half) => {
    assertIsOf(typeNamed(typeName), node, half)
  })

  test.each(halves)('%s describes everything in it, in names of GraphQL', typeName => {
    for (const type of reachable(typeNamed(typeName))) {
      const fields = isObjectType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : []
      const values = isEnumType(type) ? type.getValues() : []
      for (const { name: part, description } of [type, ...fields, ...values]) {
        expect(description?.trim(), `${type.name}.${part}`).toMatch(/[.!?]$/)
      }
      expect(type.name).toMatch(/^[A-Z][A-Za-z0-9]*$/)
      for (const field of fields) expect(field.name, type.name).toMatch(/^[a-z][A-Za-z0-9]*$/)
      for (const value of values) expect(value.name, type.name).toMatch(/^[A-Z][A-Z0-9_]*$/)
    }
  })

  test('its connectors show their configuration under the key that takes it', () => {
    const connector = typeNamed(`${prefix}Connector`)
    expect(isObjectType(connector) && connector.getInterfaces().map(each => each.name)).toContain('Connector')
    expect(String(fieldsOf(connector)[inputKey]?.type)).toBe(`${prefix}Config!`)
    const member = (typeName: string) => String(fieldsOf(schema.getType(typeName))[inputKey]?.type)
    expect(member('ConnectorConfigInput')).toBe(`${prefix}ConfigInput`)
    expect(member('ConnectorConfigPatch')).toBe(`${prefix}ConfigPatch`)
    expect(member('DatasetQueryInput')).toBe(`${prefix}DatasetQueryInput`)
  })

  test('the enum of types and that of problems know it', () => {
    expect(valuesOf(schema.getType('ConnectorTypeName'))).toContain(name)
    expect(valuesOf(schema.getType('ProblemCode'))).toEqual(expect.arrayContaining([...fixture.type.problems]))
  })
})

test.each(['ConnectorConfigInput', 'ConnectorConfigPatch', 'DatasetQueryInput'])(
  '%s takes exactly one of the registered types',
  name => {
    const type = schema.getType(name)
    expect(isInputObjectType(type) && type.isOneOf).toBe(true)
    expect(namesIn(type)).toEqual(builtInConnectorTypes.map(({ inputKey }) => inputKey).sort())
  },
)
