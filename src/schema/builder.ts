import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import ErrorsPlugin from '@pothos/plugin-errors'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import ZodPlugin from '@pothos/plugin-zod'
import type { JsonValue } from '../connectors/json.ts'
import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { Scope } from '../services/viewer.ts'
import type { Context } from './context.ts'
import { forbidden } from './graphql-errors.ts'
import { toValidationError } from './validation.ts'

export interface SchemaTypes {
  Context: Context
  DefaultFieldNullability: false
  DefaultInputFieldRequiredness: true
  AuthScopes: { scope: Scope; signedIn: boolean }
  Scalars: {
    ID: { Input: string; Output: string }
    /** Services hold instants as dates, stored events as RFC 3339 text. */
    DateTime: { Input: Date; Output: Date | string }
    JSON: { Input: JsonValue; Output: unknown }
  }
}

const capitalised = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

/** A builder for one schema. Type references belong to their builder, so every schema has its own. */
export function createBuilder(registry: ConnectorRegistry) {
  const inputKeys = new Set(registry.types.map(type => type.inputKey))
  return new SchemaBuilder<SchemaTypes>({
    // The first is outermost: refusals of every other plugin become members of result unions.
    plugins: [ErrorsPlugin, RelayPlugin, ScopeAuthPlugin, ZodPlugin, ComplexityPlugin],
    defaultFieldNullability: false,
    defaultInputFieldRequiredness: true,
    relay: {
      clientMutationId: 'omit',
      cursorType: 'String',
      // `node` and `nodes` are in node.ts: an id of an unknown kind is null there, not an error.
      nodeQueryOptions: false,
      nodesQueryOptions: false,
      nodeTypeOptions: { description: 'Anything with a globally unique id.' },
      idFieldOptions: { description: 'Globally unique and opaque; give it to `Query.node` to fetch the object again.' },
      pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
      hasNextPageFieldOptions: { description: 'Whether there is more after this page.' },
      hasPreviousPageFieldOptions: { description: 'Whether this page was asked for with a cursor.' },
      startCursorFieldOptions: { description: 'Cursor of the first item of the page, null when it is empty.' },
      endCursorFieldOptions: {
        description: 'Cursor of the last item of the page; give it as `after` for the next one.',
      },
    },
    errors: {
      defaultTypes: [],
      directResult: false,
      // Authentication happens before execution, so input errors may be reported before a field's scopes are checked.
      unsafelyHandleInputErrors: true,
      defaultUnionOptions: { name: ({ fieldName }) => `${capitalised(fieldName)}Result` },
      defaultResultOptions: { name: ({ fieldName }) => `${capitalised(fieldName)}Success` },
    },
    scopeAuth: {
      // Off by default in the plugin: without it a subscription's source would start before anybody asked.
      authorizeOnSubscribe: true,
      authScopes: ({ viewer }) => ({ scope: scope => viewer.scopes.has(scope), signedIn: true }),
      unauthorizedError: (_parent, { services, viewer }, { parentType, fieldName }) => {
        services.auditLog.refusedField(viewer, `${parentType.name}.${fieldName}`)
        return forbidden()
      },
    },
    zod: { validationError: error => toValidationError(error, inputKeys) },
    // Enforced by `use-complexity-limit.ts` instead: the plugin's own check misses the start of subscriptions.
    complexity: { defaultComplexity: 1, defaultListMultiplier: 10, disabled: true },
  })
}

export type Builder = ReturnType<typeof createBuilder>
export type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>
