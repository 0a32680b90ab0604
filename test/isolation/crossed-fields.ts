import { defaultFieldResolver, type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql'

/**
 * The fields of the schema that have answered something, from now on. A field of an interface counts when it was answered
 * for a type that implements it.
 */
export function watchFields(schema: GraphQLSchema): ReadonlySet<string> {
  const answered = new Set<string>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const owners = [type, ...type.getInterfaces()].filter(
        owner => owner === type || (isInterfaceType(owner) && field.name in owner.getFields()),
      )
      const note = (value: unknown): void => {
        if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return
        for (const owner of owners) answered.add(`${owner.name}.${field.name}`)
      }
      const resolve = field.resolve ?? defaultFieldResolver
      field.resolve = (...args) => {
        const value: unknown = resolve(...args)
        if (value instanceof Promise) value.then(note, () => undefined)
        else note(value)
        return value
      }
    }
  }
  return answered
}
