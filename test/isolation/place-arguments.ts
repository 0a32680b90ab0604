import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql'

type Args = Readonly<Record<string, unknown>>

/**
 * The arguments `args` of the field of `place` with `value` at the place. Of objects of which only one key may be given,
 * `args` may have several: the one on the way to the place is kept, elsewhere the first.
 */
export function argumentsAt(schema: GraphQLSchema, place: string, args: Args, value: unknown): Args {
  const [typeName = '', fieldName = '', ...path] = place.split('.')
  const type = schema.getType(typeName)
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined
  if (!field) throw new Error(`There is no field ${typeName}.${fieldName}.`)
  const types = Object.fromEntries(field.args.map(arg => [arg.name, arg.type]))
  return within(types, args, path, value)
}

function within(
  types: Readonly<Record<string, GraphQLInputType>>,
  args: Args,
  path: readonly string[],
  value: unknown,
): Args {
  const [head, ...rest] = path
  const filled = Object.entries(types).map(([name, type]): readonly [string, unknown] => {
    if (name !== head) return [name, pruned(type, args[name])]
    return [name, rest.length === 0 ? atLeaf(type, value) : inObject(type, args[name], rest, value)]
  })
  return Object.fromEntries(filled.filter(([, given]) => given !== undefined))
}

const atLeaf = (type: GraphQLInputType, value: unknown): unknown =>
  isListType(getNullableType(type)) && !Array.isArray(value) ? [value] : value

function inObject(type: GraphQLInputType, given: unknown, path: readonly string[], value: unknown): unknown {
  const named = getNamedType(type)
  if (!isInputObjectType(named)) throw new Error(`${named.name} is no input object.`)
  const types = Object.fromEntries(Object.values(named.getFields()).map(field => [field.name, field.type]))
  const all = within(types, (given ?? {}) as Args, path, value)
  if (!named.isOneOf) return all
  const [key = ''] = path
  return { [key]: all[key] }
}

function pruned(type: GraphQLInputType, given: unknown): unknown {
  const named = getNamedType(type)
  if (!isInputObjectType(named) || given === null || typeof given !== 'object' || Array.isArray(given)) return given
  const entries = Object.entries(named.getFields()).flatMap(([name, field]) => {
    const value: unknown = pruned(field.type, (given as Args)[name])
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(named.isOneOf ? entries.slice(0, 1) : entries)
}
