import { type DocumentNode, type ExecutionArgs, GraphQLError, visit } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { IntrospectionPolicy } from './config-introspection.ts'
import type { Context } from './schema/context.ts'

/**
 * Keeps the schema from those who may not read it. Not a rule of validation: its results are remembered for a document,
 * whoever sends it. `__typename` is answered to everybody.
 */
export function useIntrospectionPolicy(policy: IntrospectionPolicy): Plugin<Context> {
  if (policy === 'true') return {}
  const known = new WeakMap<DocumentNode, boolean>()
  const asks = (document: DocumentNode): boolean => {
    const answer = known.get(document) ?? readsSchema(document)
    known.set(document, answer)
    return answer
  }
  const isRefused = ({ document, contextValue }: ExecutionArgs): boolean => {
    if (!asks(document)) return false
    // What Yoga makes of the server's context.
    const { viewer } = contextValue as Context
    return policy === 'false' || !viewer.scopes.has('workspace:admin')
  }
  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (isRefused(args)) setResultAndStopExecution({ errors: [refusal(policy)] })
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      if (isRefused(args)) setResultAndStopExecution({ errors: [refusal(policy)] })
    },
  }
}

/** Whether any part of a document does, also one that would not be run. */
function readsSchema(document: DocumentNode): boolean {
  let reads = false
  visit(document, {
    Field({ name }) {
      if (name.value === '__schema' || name.value === '__type') reads = true
    },
  })
  return reads
}

const refusal = (policy: Exclude<IntrospectionPolicy, 'true'>): GraphQLError =>
  new GraphQLError(
    policy === 'admin' ? 'Only administrators may read the schema here.' : 'The schema cannot be read here.',
    { extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400, spec: true } } },
  )
