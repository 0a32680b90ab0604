import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'

type WithFields = GraphQLObjectType | GraphQLInterfaceType

/**
 * Holds a schema to the project's rules when it is built, so that nothing is opened or left unexplained by a forgotten
 * line: every root field, and every field that leads from one noun to another, names the scope that opens it; what
 * dials out below the root does so always; what takes configurations is asked for by POST; everything has a description.
 * Throws with every fault.
 */
export function assertSchemaRules(schema: GraphQLSchema): void {
  const faults = [...scopeFaults(schema), ...descriptionFaults(schema)]
  if (faults.length > 0) throw new Error(`The schema breaks its rules:\n${faults.join('\n')}`)
}

function* scopeFaults(schema: GraphQLSchema): Generator<string> {
  const roots = new Set<unknown>([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type)) || isIntrospectionType(type)) continue
    const isRoot = roots.has(type)
    for (const field of Object.values(type.getFields())) {
      const guarded = isRoot || (isNoun(type) && leadsToNoun(field))
      if (guarded && !hasScope(field)) yield `${type.name}.${field.name} names no scope that opens it.`
      const { dialsOut, postOnly } = field.extensions
      if (dialsOut && !isRoot && dialsOut !== true) {
        yield `${type.name}.${field.name} dials out depending on its arguments but is no root field.`
      }
      if (isRoot && type !== schema.getMutationType() && !dialsOut && !postOnly && takesSecrets(field)) {
        yield `${type.name}.${field.name} takes secrets but may be asked for by GET: mark it as postOnly.`
      }
    }
  }
}

const isNoun = (type: WithFields): boolean => type.getInterfaces().some(({ name }) => name === 'Node')

function leadsToNoun(field: GraphQLField<unknown, unknown>): boolean {
  const type = getNamedType(field.type)
  return (isObjectType(type) || isInterfaceType(type)) && (isNoun(type) || type.name.endsWith('Connection'))
}

/** Whether a configuration may be among its arguments: only mutations go by POST anyway. */
function takesSecrets({ args }: GraphQLField<unknown, unknown>): boolean {
  const seen = new Set<unknown>()
  const takes = (type: GraphQLInputType): boolean => {
    const named = getNamedType(type)
    if (!isInputObjectType(named) || seen.has(named)) return false
    seen.add(named)
    return secretInputs.includes(named.name) || Object.values(named.getFields()).some(field => takes(field.type))
  }
  return args.some(arg => takes(arg.type))
}

const secretInputs: readonly string[] = ['ConnectorConfigInput', 'ConnectorConfigPatch']

/** Pothos keeps the options that a field was defined with. */
function hasScope(field: GraphQLField<unknown, unknown>): boolean {
  const options = field.extensions['pothosOptions'] as { authScopes?: unknown } | undefined
  return options?.authScopes != null
}

function* descriptionFaults(schema: GraphQLSchema): Generator<string> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue
    yield* fault(type.name, type)
    if (isEnumType(type)) for (const value of type.getValues()) yield* fault(`${type.name}.${value.name}`, value)
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) yield* fault(`${type.name}.${field.name}`, field)
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        yield* fault(`${type.name}.${field.name}`, field)
        for (const arg of field.args) yield* fault(`${type.name}.${field.name}(${arg.name})`, arg)
      }
    }
  }
}

function* fault(name: string, { description }: { description?: string | null | undefined }): Generator<string> {
  if (!description?.endsWith('.')) yield `${name} needs a description that ends with a full stop.`
}
