import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { ConnectorInUseError } from '../../src/services/errors.ts'
import { roles, scopesNamed } from '../../src/services/roles.ts'
import { grantedScopes, type Scope, scopes } from '../../src/services/viewer.ts'
import { connectorRow, dataOf, datasetRow, madeUpSchema, schemaWorld, snapshot, testRow } from './schema-world.ts'

/** Open to whoever is signed in: the catalogue, and what asks for its own scopes inside. */
const openFields = ['node', 'nodes', 'viewer', 'rateLimit', 'connectorTypes', 'connectorType', 'problemCatalogue']

/** A literal that the type accepts, as small as can be. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType)
  if (isListType(type)) return '[]'
  if (isEnumType(type)) return type.getValues()[0]?.name ?? ''
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields())
    const chosen = type.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredInputField)
    return `{ ${chosen.map(field => `${field.name}: ${literal(field.type)}`).join(', ')} }`
  }
  return { Int: '1', Boolean: 'true', Float: '1' }[type.name] ?? '"x"'
}

function call(name: string, field: GraphQLField<unknown, unknown>): string {
  const required = field.args.filter((arg: GraphQLArgument) => isRequiredArgument(arg))
  const args = required.map(arg => `${arg.name}: ${literal(arg.type)}`).join(', ')
  return `${name}${args && `(${args})`} { __typename }`
}

const fieldsOf = (type: typeof madeUpSchema.getQueryType extends () => infer T ? T : never) =>
  Object.entries(type?.getFields() ?? {}).filter(([name]) => !openFields.includes(name))

const operations = [
  ...fieldsOf(madeUpSchema.getQueryType()).map(([name, field]) => `query { ${call(name, field)} }`),
  ...fieldsOf(madeUpSchema.getMutationType()).map(([name, field]) => `mutation { ${call(name, field)} }`),
]

describe('a viewer without scopes', () => {
  test.each(operations)('is refused by %s before any service is asked', async operation => {
    const { errors } = await schemaWorld({}, []).run(operation)
    expect(errors?.map(error => error.extensions['code'])).toEqual(['FORBIDDEN'])
  })

  test.each(
    fieldsOf(madeUpSchema.getSubscriptionType()).map(([name, field]) => `subscription { ${call(name, field)} }`),
  )('is refused by %s before a source begins', async operation => {
    const stream = await schemaWorld({}, []).stream(operation)
    expect(stream).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  })

  test('finds no node, as if there were none', async () => {
    const world = schemaWorld({}, [])
    const ids = ['Connector', 'Dataset', 'ConnectionTest'].map(name => encodeGlobalId(name, 'c1'))
    expect(dataOf(await world.run('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }))).toEqual({
      nodes: [null, null, null],
    })
  })

  test('may read the catalogue', async () => {
    const { connectorTypes } = dataOf(await schemaWorld({}, []).run('{ connectorTypes { name } }'))
    expect(connectorTypes).toEqual([{ name: 'MADE_UP' }, { name: 'OTHER' }])
  })
})

test('a field that leads to another noun asks for its scope', async () => {
  const world = schemaWorld({ connectors: { find: async () => connectorRow('c1') } }, ['connectors:read'])
  const connector = (selection: string) => `{ connector(by: { name: "x" }) { ${selection} } }`
  expect(dataOf(await world.run(connector('name viewerCanUpdate viewerCanTest viewerCanDelete')))).toEqual({
    connector: { name: 'Connector c1', viewerCanUpdate: false, viewerCanTest: false, viewerCanDelete: false },
  })
  const { errors } = await world.run(connector('datasets { nodes { id } }'))
  expect(errors).toMatchObject([{ path: ['connector', 'datasets'], extensions: { code: 'FORBIDDEN' } }])
})

describe('what the viewer may do with it', () => {
  const rights: readonly (readonly [string, Scope, string])[] = [
    ['Connector', 'connectors:write', 'viewerCanUpdate'],
    ['Connector', 'connectors:test', 'viewerCanTest'],
    ['Connector', 'connectors:delete', 'viewerCanDelete'],
    ['Dataset', 'datasets:write', 'viewerCanUpdate'],
    ['Dataset', 'datasets:query', 'viewerCanPreview'],
    ['Dataset', 'datasets:delete', 'viewerCanDelete'],
    ['ConnectionTest', 'connectors:test', 'viewerCanCancel'],
  ]
  const fakes = {
    connectors: { findMany: async () => [connectorRow('x')] },
    datasets: { findMany: async () => [datasetRow('x')] },
    connectionTests: { findMany: async () => [testRow('x')] },
  }
  const read: readonly Scope[] = ['connectors:read', 'datasets:read']
  const ask = async (noun: string, field: string, scopes: readonly Scope[]) => {
    const id = encodeGlobalId(noun, 'x')
    const document = `query ($id: ID!) { node(id: $id) { ... on ${noun} { ${field} } } }`
    return dataOf(await schemaWorld(fakes, scopes).run(document, { id }))
  }

  test.each(rights)('%s: %s is told by %s', async (noun, scope, field) => {
    expect(await ask(noun, field, [...read, scope])).toEqual({ node: { [field]: true } })
    const others = scopes.filter(other => other !== scope)
    expect(await ask(noun, field, others)).toEqual({ node: { [field]: false } })
  })

  test('a test that has ended cannot be cancelled', async () => {
    const ended = { ...testRow('x'), snapshot: JSON.parse(JSON.stringify(snapshot({ status: 'PASSED' }))) }
    const world = schemaWorld({ connectionTests: { findMany: async () => [ended] } })
    const id = encodeGlobalId('ConnectionTest', 'x')
    const document = 'query ($id: ID!) { node(id: $id) { ... on ConnectionTest { viewerCanCancel } } }'
    expect(dataOf(await world.run(document, { id }))).toEqual({ node: { viewerCanCancel: false } })
  })
})

describe('scopes that imply others', () => {
  test('who may change something may see it', () => {
    expect(grantedScopes(['connectors:write', 'datasets:query'])).toEqual(
      new Set(['connectors:write', 'connectors:read', 'datasets:query', 'datasets:read']),
    )
    expect(grantedScopes(['connectors:read', 'audit:read'])).toEqual(new Set(['connectors:read', 'audit:read']))
  })

  test.each(Object.entries(roles))('the role %s has what its scopes imply', (_name, held) => {
    expect(grantedScopes(held)).toEqual(new Set(held))
  })

  test('names of roles and scopes are known, and no other', () => {
    expect(scopesNamed('reader')).toEqual(['connectors:read', 'datasets:read'])
    expect(scopesNamed('audit:read')).toEqual(['audit:read'])
    expect(['toString', '__proto__', 'Reader', 'connectors:*', ''].map(scopesNamed)).toEqual(Array(5).fill(null))
  })
})

test('the warning before a deletion shows the plan only to who may see connectors', async () => {
  const connectors = { delete: () => Promise.reject(new ConnectorInUseError('c1')) }
  const { data, errors } = await schemaWorld({ connectors }, ['connectors:delete']).run(`mutation {
    deleteConnector(input: { connector: { name: "x" } }) { ... on ConnectorInUseError { code plan { impactToken } } }
  }`)
  expect(data).toEqual({ deleteConnector: { code: 'CONNECTOR_IN_USE', plan: null } })
  expect(errors).toMatchObject([{ path: ['deleteConnector', 'plan'], extensions: { code: 'FORBIDDEN' } }])
})

test('the viewer sees what it may do', async () => {
  const { viewer } = dataOf(await schemaWorld({}, ['connectors:test']).run('{ viewer { id displayName scopes } }'))
  expect(viewer).toEqual({ id: 'local', displayName: 'Local user', scopes: ['CONNECTORS_TEST'] })
})
