import { GraphQLError, validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { OneOfVariablesRule } from './one-of-variables-rule.ts'
import { UnconditionalSubscriptionRule } from './unconditional-subscription-rule.ts'

/** Of which the last says that there are more. */
const maxErrors = 10

/** Rules about documents beyond those of the language, which stop at the tenth fault. */
export function useDocumentRules({ suggestions }: { readonly suggestions: boolean }): Plugin {
  const options = { maxErrors: maxErrors - 1, hideSuggestions: !suggestions }
  const bounded: typeof validate = (schema, document, rules) => {
    try {
      return validate(schema, document, rules, options)
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      // The language's own rule about subscriptions throws when its field depends on a variable.
      const faults = validate(schema, document, [UnconditionalSubscriptionRule], options)
      return faults.length > 0 ? faults : [error]
    }
  }
  return {
    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(OneOfVariablesRule)
      addValidationRule(UnconditionalSubscriptionRule)
      setValidationFn(bounded)
    },
  }
}
