import { type GraphQLField, type GraphQLSchema, isObjectType } from 'graphql'
import type { TestGate } from '../services/connectors.ts'
import { badUserInput } from './graphql-errors.ts'

/** The extension `dialsOut` of a field that connects to data sources: always, or when it is given such arguments. */
export type DialsOut = true | ((args: Readonly<Record<string, unknown>>) => boolean)

/** Saving connects only to run the test that it depends on. */
export const dialsOutToTest: DialsOut = args => {
  // The argument of both mutations that save a connector, which the language has checked.
  const { testGate, testId } = args['input'] as { readonly testGate: TestGate; readonly testId?: string | null }
  return testGate === 'REQUIRE_PASS' && testId == null
}

export const oneDialOut = 'Only one field of an operation may connect to a data source.'

/**
 * Lets each operation resolve only one of the fields below the root that dial out. How many of them a document asks for is
 * seen before it runs (`use-one-dial-out.ts`), but not how many things a list has.
 */
export function guardDialOuts(schema: GraphQLSchema): void {
  const roots = new Set<unknown>([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  // One context for each operation.
  const claimed = new WeakSet<object>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || roots.has(type)) continue
    for (const field of Object.values(type.getFields())) guard(field, claimed)
  }
}

function guard(field: GraphQLField<unknown, unknown>, claimed: WeakSet<object>): void {
  const { resolve } = field
  // What dials out only with some arguments is not to be found below the root.
  if (field.extensions['dialsOut'] !== true || !resolve) return
  field.resolve = (parent, args, context, info) => {
    const operation = context as object
    if (claimed.has(operation)) throw badUserInput(oneDialOut)
    claimed.add(operation)
    return resolve(parent, args, context, info)
  }
}
