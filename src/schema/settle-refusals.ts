import { type GraphQLSchema, isObjectType } from 'graphql'

/**
 * Makes what a field throws at once a rejection, like what it throws later. The executor gives up a list with the first
 * item that throws at once, and with it the promises of the items before: nobody waits for them, and the first of them to
 * be rejected ends the process (graphql-js and `@graphql-tools/executor` alike: `completeListValue`). For rejections it
 * waits.
 */
export function settleRefusals(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field
      if (!resolve) continue
      field.resolve = (parent, args, context, info) => {
        try {
          return resolve(parent, args, context, info)
        } catch (error) {
          return Promise.reject(error)
        }
      }
    }
  }
}
