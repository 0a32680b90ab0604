import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'

/** The schema as text, in an order that does not depend on the order of the code. */
export const printSdl = (schema: GraphQLSchema): string => `${printSchema(lexicographicSortSchema(schema))}\n`
