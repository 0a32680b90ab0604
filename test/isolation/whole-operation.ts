import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'

/** One field on the way to a place, with its arguments. */
export interface Step {
  readonly field: string
  readonly args: Readonly<Record<string, unknown>>
}

export interface Operation {
  readonly document: string
  readonly variables: Readonly<Record<string, unknown>>
}

export type OperationKind = 'query' | 'mutation' | 'subscription'

/**
 * An operation along `steps`, whose arguments are its variables, that selects whatever can be selected of the last
 * field, `depth` objects deep: what is added to the schema is looked at without anybody having to think of it. With a
 * depth of 0 it is short enough for the server's limits.
 */
export function wholeOperation(
  schema: GraphQLSchema,
  kind: OperationKind,
  steps: readonly Step[],
  depth: number,
): Operation {
  const root = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  }
  let type: GraphQLNamedType | null | undefined = root[kind]
  const variables: Record<string, unknown> = {}
  const declared: string[] = []
  let head = ''
  let tail = ''
  for (const [index, { field: name, args }] of steps.entries()) {
    const field: GraphQLField<unknown, unknown> | undefined =
      isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
    if (!field) throw new Error(`${type?.name} has no field ${name}.`)
    const given = Object.entries(args).map(([arg, value]) => {
      const declaration = field.args.find(each => each.name === arg)
      if (!declaration) throw new Error(`${type?.name}.${name} has no argument ${arg}.`)
      variables[`${arg}${index}`] = value
      declared.push(`$${arg}${index}: ${declaration.type}`)
      return `${arg}: $${arg}${index}`
    })
    head += `{ ${name}${given.length > 0 ? `(${given.join(', ')})` : ''} `
    tail += ' }'
    type = getNamedType(field.type)
  }
  const selection = type && !isLeafType(type) ? selectionOf(schema, type, depth) : ''
  const declarations = declared.length > 0 ? `(${declared.join(', ')})` : ''
  return { document: `${kind} ${declarations} ${head}${selection}${tail}`, variables }
}

/** Everything below a type that needs no argument and dials nowhere. */
function selectionOf(schema: GraphQLSchema, type: GraphQLNamedType, depth: number): string {
  const parts = ['__typename']
  if (isObjectType(type) || isInterfaceType(type)) parts.push(...fieldsOf(schema, type, depth, false))
  if (isUnionType(type) && depth === 0) {
    const names = new Set(type.getTypes().flatMap(member => member.getInterfaces().map(({ name }) => name)))
    return `{ __typename ${names.has('Error') ? '... on Error { code message }' : ''} }`
  }
  if (isUnionType(type)) {
    for (const member of type.getTypes()) {
      parts.push(`... on ${member.name} { ${['__typename', ...fieldsOf(schema, member, depth, true)].join(' ')} }`)
    }
  }
  if (isInterfaceType(type) && depth > 0 && schema.getPossibleTypes(type).length <= 4) {
    for (const member of schema.getPossibleTypes(type)) {
      parts.push(`... on ${member.name} { ${['__typename', ...fieldsOf(schema, member, depth, true)].join(' ')} }`)
    }
  }
  return `{ ${parts.join(' ')} }`
}

function fieldsOf(
  schema: GraphQLSchema,
  type: Extract<GraphQLNamedType, { getFields(): unknown }> | GraphQLNamedType,
  depth: number,
  isAliased: boolean,
): readonly string[] {
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  return Object.values(type.getFields()).flatMap(field => {
    if (field.args.some(isRequiredArgument) || field.extensions['dialsOut'] === true) return []
    const named = getNamedType(field.type)
    // The catalogue of types is the same for everybody, and large.
    if (named.name === 'ConnectorType') return [`${field.name} { name }`]
    // Members of unions may have fields of one name and other types.
    const alias = isAliased ? `${type.name}_${field.name}: ` : ''
    if (isLeafType(named)) return [`${alias}${field.name}`]
    return depth > 1 ? [`${alias}${field.name} ${selectionOf(schema, named, depth - 1)}`] : []
  })
}
