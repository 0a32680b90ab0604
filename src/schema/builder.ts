import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import DataloaderPlugin from '@pothos/plugin-dataloader'
import ErrorsPlugin from '@pothos/plugin-errors'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import ZodPlugin from '@pothos/plugin-zod'
import type { JsonValue } from '../connectors/json.ts'
import type { Scope } from '../services/viewer.ts'
import type { Context } from './context.ts'
import { toValidationError } from './validation.ts'

export interface SchemaTypes {
  Context: Context
  DefaultFieldNullability: false
  DefaultInputFieldRequiredness: true
  AuthScopes: { scope: Scope }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: JsonValue; Output: unknown }
  }
}

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

export const builder = new SchemaBuilder<SchemaTypes>({
  // The first is outermost: refusals of every other plugin become members of result unions, ids are parsed before scopes look.
  plugins: [ErrorsPlugin, RelayPlugin, ScopeAuthPlugin, ZodPlugin, DataloaderPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  relay: { clientMutationId: 'omit', cursorType: 'String', nodesOnConnection: true },
  errors: {
    defaultTypes: [],
    directResult: false,
    // Authentication happens before execution, so that input errors may be reported before a field's scopes are checked.
    unsafelyHandleInputErrors: true,
    defaultUnionOptions: { name: ({ fieldName }) => `${capitalised(fieldName)}Result` },
    defaultResultOptions: { name: ({ fieldName }) => `${capitalised(fieldName)}Success` },
  },
  scopeAuth: {
    // Off by default in the plugin: without it a subscription's source would start before anybody asked.
    authorizeOnSubscribe: true,
    authScopes: ({ viewer }) => ({ scope: scope => viewer.scopes.has(scope) }),
  },
  zod: { validationError: toValidationError },
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10, limit: { complexity: 5000, depth: 12, breadth: 200 } },
})

export type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>
