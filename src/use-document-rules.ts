import { NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { OneDialOutRule } from './one-dial-out-rule.ts'

/** Rules about documents beyond those of the language. */
export function useDocumentRules({ introspection }: { readonly introspection: boolean }): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(OneDialOutRule)
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule)
    },
  }
}
