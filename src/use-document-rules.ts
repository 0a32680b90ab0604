import { NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { OneOfVariablesRule } from './one-of-variables-rule.ts'

/** Rules about documents beyond those of the language. */
export function useDocumentRules({ introspection }: { readonly introspection: boolean }): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(OneOfVariablesRule)
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule)
    },
  }
}
