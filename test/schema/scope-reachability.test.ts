import {
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { builtInConnectorTypes, ConnectorRegistry } from '../../src/connectors/registry.ts'
import { buildSchema } from '../../src/schema/index.ts'
import { grantedScopes, type Scope, scopes } from '../../src/services/viewer.ts'

const schema = buildSchema(new ConnectorRegistry(builtInConnectorTypes))

/** What it takes to see each noun, wherever it stands in the graph. */
const nouns: Readonly<Record<string, Scope>> = {
  ApiToken: 'tokens:manage',
  AuditEntry: 'audit:read',
  ConnectionTest: 'connectors:read',
  ConnectorDeletionPlan: 'connectors:read',
  Dataset: 'datasets:read',
  DatasetPreview: 'datasets:query',
  ConnectorCatalogSuccess: 'datasets:query',
}
const nounOf = (type: GraphQLNamedType): Scope | undefined =>
  isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Connector')
    ? 'connectors:read'
    : nouns[type.name]

/** Asks for the noun's own scope inside, as their own tests show. */
const askInside = ['Query.node', 'Query.nodes']

type Rule = Readonly<Record<string, unknown>>

/** As `@pothos/plugin-scope-auth` reads it. Whatever this does not know fails the test. */
function opens(rule: Rule, held: ReadonlySet<Scope>): boolean {
  return Object.entries(rule).some(([name, value]) => {
    if (name === 'signedIn') return true
    if (name === 'scope') return held.has(value as Scope)
    if (name === '$any') return opens(value as Rule, held)
    if (name === '$all') return Object.entries(value as Rule).every(([key, part]) => opens({ [key]: part }, held))
    throw new Error(`This test does not know the rule ${name}.`)
  })
}

/** The types that a viewer with these scopes comes to from the roots, whichever way. */
function reachable(held: ReadonlySet<Scope>): ReadonlySet<GraphQLNamedType> {
  const found = new Set<GraphQLNamedType>()
  const visit = (type: GraphQLNamedType): void => {
    if (found.has(type) || isIntrospectionType(type)) return
    found.add(type)
    if (isUnionType(type) || isInterfaceType(type)) schema.getPossibleTypes(type).forEach(visit)
    if (!isObjectType(type) && !isInterfaceType(type)) return
    for (const field of Object.values(type.getFields())) {
      if (askInside.includes(`${type.name}.${field.name}`)) continue
      const { authScopes = {} } = field.extensions['pothosOptions'] as { readonly authScopes?: Rule }
      const isGuarded = Object.keys(authScopes).length > 0
      if (!isGuarded || opens(authScopes, held)) visit(getNamedType(field.type))
    }
  }
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (root) visit(root)
  }
  return found
}

/** Everything but what leads to `wanted`: the most that somebody can have who may not see it. */
const allBut = (wanted: Scope) => new Set(scopes.filter(scope => !grantedScopes([scope]).has(wanted)))

test('every kind of object with an id is a noun with a scope', () => {
  const withoutScope = Object.values(schema.getTypeMap())
    .filter(type => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'))
    .filter(type => nounOf(type) === undefined)
  expect(withoutScope.map(({ name }) => name)).toEqual([])
})

describe.each([...new Set(['connectors:read' as Scope, ...Object.values(nouns)])])('without %s', wanted => {
  test('no way leads to what it opens', () => {
    const found = [...reachable(allBut(wanted))].filter(type => nounOf(type) === wanted)
    expect(found.map(({ name }) => name)).toEqual([])
  })

  test('with it there is one', () => {
    const found = [...reachable(grantedScopes([wanted, ...allBut(wanted)]))].filter(type => nounOf(type) === wanted)
    expect(found).not.toEqual([])
  })
})

test('without any scope only the catalogue and the viewer are open', () => {
  const found = [...reachable(new Set())].filter(type => nounOf(type) !== undefined)
  expect(found).toEqual([])
})
