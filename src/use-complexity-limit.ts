import { type ComplexityResult, complexityFromQuery } from '@pothos/plugin-complexity'
import { type DocumentNode, type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { badRequest } from './schema/graphql-errors.ts'
import { variableErrors } from './variable-errors.ts'

type Limits = Readonly<Record<keyof ComplexityResult, number>>
type Settle = (args: ExecutionArgs, complexity: number) => GraphQLError | null

/**
 * Refuses operations that cost too much, before any resolver or subscription source has run. Here rather than in the
 * schema's plugin, which looks only when a field resolves: for a subscription that is after its source has begun.
 * `settle` is told the complexity of those that are let through, and may refuse them for it.
 */
export function useComplexityLimit(limits: Limits, settle: Settle = () => null): Plugin {
  // Without variables the cost of an operation is always the same.
  const known = new WeakMap<DocumentNode, Map<string | null, ComplexityResult>>()

  const measure = ({ schema, document, operationName, variableValues }: ExecutionArgs): ComplexityResult | null => {
    const operation = getOperationAST(document, operationName)
    // The executor reports that better.
    if (!operation) return null
    const remembered = known.get(document)?.get(operationName ?? null)
    if (remembered) return remembered
    const definitions = document.definitions.filter(each => each.kind !== 'OperationDefinition' || each === operation)
    const result = complexityFromQuery({ ...document, definitions }, { schema, variables: variableValues ?? {} })
    if (!operation.variableDefinitions?.length) {
      known.set(document, (known.get(document) ?? new Map()).set(operationName ?? null, result))
    }
    return result
  }

  const refusals = (args: ExecutionArgs): readonly GraphQLError[] => {
    const operation = getOperationAST(args.document, args.operationName)
    // First of all: whoever else takes variables makes a message of each fault, with all that lies around it, which for a
    // request of some thousand faults takes the better part of a minute. Here the tenth is the last.
    const faults = operation ? variableErrors(args.schema, operation, args.variableValues ?? {}) : []
    if (faults.length > 0) return faults
    try {
      const measured = measure(args)
      for (const kind of ['depth', 'breadth', 'complexity'] as const) {
        if (measured && measured[kind] > limits[kind]) {
          return [badRequest(`The operation's ${kind} is ${measured[kind]}; at most ${limits[kind]} is allowed.`)]
        }
      }
      const refusal = measured && settle(args, measured.complexity)
      return refusal ? [refusal] : []
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      // Variables that are missing.
      return [badRequest(error.message)]
    }
  }

  return {
    onExecute({ args, setResultAndStopExecution }) {
      const errors = refusals(args)
      if (errors.length > 0) setResultAndStopExecution({ errors })
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const errors = refusals(args)
      if (errors.length > 0) setResultAndStopExecution({ errors })
    },
  }
}
