import { z } from 'zod'
import type { StartTestInput, TestTarget } from '../services/connection-tests.ts'
import {
  IdempotencyKeyReusedError,
  NotFoundError,
  RateLimitedError,
  SecretReentryRequiredError,
  ValidationError,
} from '../services/errors.ts'
import { toConfigInput } from './config-input.ts'
import { type ConnectorRefInput, toConnectorRef } from './connector-ref.ts'
import { configInputSchema } from './form-types.ts'
import { attemptKeyRule, checkedBy, waitSecondsRule } from './input-rules.ts'
import type { SchemaParts } from './nouns.ts'
import { toValidationError } from './validation.ts'

/** How starting a test may be refused, before anything is dialled. */
export const startRefusals = [
  ValidationError,
  SecretReentryRequiredError,
  RateLimitedError,
  NotFoundError,
  IdempotencyKeyReusedError,
]

/** Defines `TestConnectionInput`, which the mutation and the subscription of that name share. */
export function defineTestConnectionInput({ builder, registry, forms, connectorRef }: SchemaParts) {
  const edit = builder.inputType('PendingEditInput', {
    description: 'A saved connector as it would be after a change.',
    fields: t => ({
      connector: t.field({ type: connectorRef, description: 'Which connector.' }),
      config: t.field({
        type: forms.configPatch,
        description: 'The change to its configuration. Secrets that are left out are the stored ones.',
      }),
    }),
  })
  const target = builder.inputType('TestTarget', {
    description: 'What to test.',
    isOneOf: true,
    fields: t => ({
      saved: t.field({ type: connectorRef, required: false, description: 'A saved connector as it is.' }),
      draft: t.field({
        type: forms.configInput,
        required: false,
        description: 'A configuration that is not saved. Its secrets are stored nowhere.',
      }),
      edit: t.field({ type: edit, required: false, description: 'A saved connector as it would be after a change.' }),
    }),
  })
  const type = builder.inputType('TestConnectionInput', {
    description: 'What to test, and how.',
    fields: t => ({
      target: t.field({ type: target, description: 'What to test.' }),
      attemptKey: t.string({
        required: false,
        description:
          'Any text, fresh for each attempt: repeating a request with it for 24 h shows the same test instead of running another.',
      }),
      waitSeconds: t.int({
        defaultValue: 60,
        description: 'How long the mutation waits for the test to end, from 0 to 300. Subscriptions do not wait.',
      }),
      mayStartCompute: t.boolean({
        defaultValue: false,
        description: 'Whether the test may cost money or start a machine, such as a stopped warehouse.',
      }),
    }),
  })
  const rules = z.looseObject({
    attemptKey: attemptKeyRule,
    waitSeconds: waitSecondsRule,
    target: z.looseObject({ draft: checkedBy(configInputSchema(registry.availableTypes)) }),
  })
  const inputKeys = new Set(registry.types.map(({ inputKey }) => inputKey))
  return {
    type,
    edit,
    rules,
    /**
     * The same rules, for subscriptions: a rule of an argument would be checked again for every event. Throws
     * `ValidationError`.
     */
    assertValid(input: object): void {
      const { error } = z.object({ input: rules }).safeParse({ input })
      if (error) throw toValidationError(error, inputKeys)
    },
  }
}

export type TestConnectionInputRef = ReturnType<typeof defineTestConnectionInput>

export interface TestConnectionInput {
  readonly target: {
    readonly saved?: ConnectorRefInput | null
    readonly draft?: object | null
    readonly edit?: { readonly connector: ConnectorRefInput; readonly config: object } | null
  }
  readonly attemptKey?: string | null | undefined
  readonly mayStartCompute: boolean
}

export const toStartTestInput = (
  { target, attemptKey, mayStartCompute }: TestConnectionInput,
  lifetime: StartTestInput['lifetime'],
): StartTestInput => ({ target: toTestTarget(target), attemptKey: attemptKey ?? null, mayStartCompute, lifetime })

function toTestTarget({ saved, draft, edit }: TestConnectionInput['target']): TestTarget {
  if (draft) return { draft: toConfigInput(draft) }
  if (edit) return { edit: { connector: toConnectorRef(edit.connector), config: toConfigInput(edit.config) } }
  return { saved: toConnectorRef(saved ?? {}) }
}
