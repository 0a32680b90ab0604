import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql'
import type { ConnectorRegistry } from '../../src/connectors/registry.ts'

/** A place where a client can put a value: `Mutation.deleteConnector.input.connector.id`. */
export interface Place {
  readonly path: string
  /** Of the named type: `ID`, `String`, or an input type that is generated from forms. */
  readonly typeName: string
}

/** Values of these say nothing that could name something of a workspace. */
const isNoReference = (type: GraphQLNamedType): boolean => isEnumType(type) || type.name === 'Boolean'

/** Input types whose fields come from the forms of the connector types. Each is one place: a configuration, or a query. */
const formTypes = ['ConnectorConfigInput', 'ConnectorConfigPatch', 'DatasetQueryInput']

/** Every place of the schema, each once: a field of an interface stands for those of the types that implement it. */
export function placesOf(schema: GraphQLSchema): readonly Place[] {
  for (const name of formTypes) {
    if (!schema.getType(name)) throw new Error(`The schema has no type ${name} any more.`)
  }
  return Object.values(schema.getTypeMap())
    .filter(type => isObjectType(type) || isInterfaceType(type))
    .filter(type => !isIntrospectionType(type))
    .flatMap(type => {
      const inherited = new Set(type.getInterfaces().flatMap(each => Object.keys(each.getFields())))
      return Object.values(type.getFields())
        .filter(field => !inherited.has(field.name))
        .flatMap(field => field.args.flatMap(arg => placesBelow(`${type.name}.${field.name}`, arg, [])))
    })
}

function placesBelow(
  prefix: string,
  { name, type }: GraphQLArgument | GraphQLInputField,
  above: readonly GraphQLInputType[],
): readonly Place[] {
  const named = getNamedType(type)
  const path = `${prefix}.${name}`
  if (isNoReference(named)) return []
  if (!isInputObjectType(named) || formTypes.includes(named.name)) return [{ path, typeName: named.name }]
  if (above.includes(named)) throw new Error(`${named.name} holds itself: the walk would never end.`)
  return Object.values(named.getFields()).flatMap(field => placesBelow(path, field, [...above, named]))
}

/** An output field that leads on to another object. */
export interface Crossing {
  /** `Dataset.connector`. */
  readonly path: string
  /** What it leads to: the name of an object type, an interface or a union. */
  readonly typeName: string
}

/** Every field of the schema that leads to an object, but for those of types in `plain`. */
export function crossingsOf(
  schema: GraphQLSchema,
  registry: ConnectorRegistry,
  plain: (typeName: string) => boolean,
): readonly Crossing[] {
  const configFields = new Set(registry.types.map(type => type.inputKey))
  return Object.values(schema.getTypeMap())
    .filter(type => isObjectType(type) || isInterfaceType(type))
    .filter(type => !isIntrospectionType(type) && !plain(type.name))
    .flatMap(type => {
      const inherited = new Set(type.getInterfaces().flatMap(each => Object.keys(each.getFields())))
      return Object.values(type.getFields())
        .filter(field => !inherited.has(field.name) && !configFields.has(field.name))
        .map(field => ({ path: `${type.name}.${field.name}`, named: getNamedType(field.type) }))
        .filter(({ named }) => !isLeaf(named) && !plain(named.name))
        .map(({ path, named }) => ({ path, typeName: named.name }))
    })
}

const isLeaf = (type: GraphQLNamedType): boolean => isEnumType(type) || !('getFields' in type || 'getTypes' in type)
