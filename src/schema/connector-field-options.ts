import type { FieldOption } from '../connectors/browse.ts'
import type { TestTarget } from '../services/connection-tests.ts'
import { NotFoundError, RateLimitedError, SecretReentryRequiredError, ValidationError } from '../services/errors.ts'
import type { ListedItems } from '../services/listings.ts'
import { toConfigInput } from './config-input.ts'
import { type ConnectorRefInput, toConnectorRef } from './connector-ref.ts'
import { listComplexity, listFields, listInputFields } from './listed-items.ts'
import type { SchemaParts } from './nouns.ts'
import { withCursor } from './page.ts'
import type { ProblemRef } from './problem.ts'
import type { TestConnectionInputRef } from './test-connection-input.ts'

/** `Query.connectorFieldOptions`: values for a form field, from a live connection. */
export function defineConnectorFieldOptions(
  parts: SchemaParts,
  problem: ProblemRef,
  { edit }: Pick<TestConnectionInputRef, 'edit'>,
): void {
  const { builder, forms, connectorRef } = parts
  const options = defineOptions(parts, problem)
  const target = builder.inputType('ConnectorFieldOptionsTarget', {
    description: 'Where to look.',
    isOneOf: true,
    fields: t => ({
      saved: t.field({ type: connectorRef, required: false, description: 'A saved connector as it is.' }),
      draft: t.field({
        type: forms.configPatch,
        required: false,
        description:
          'A configuration that is not saved, as far as it is filled in: only what the asked field needs must be there. What is left out has its default. Its secrets are stored nowhere.',
      }),
      edit: t.field({ type: edit, required: false, description: 'A saved connector as it would be after a change.' }),
    }),
  })
  const input = builder.inputType('ConnectorFieldOptionsInput', {
    description: 'For which form field, and where to look.',
    fields: t => ({
      target: t.field({ type: target, description: 'Where to look.' }),
      field: t.string({ description: 'Path of the form field: one that has `FormField.liveOptions`.' }),
      ...listInputFields(t),
    }),
  })
  builder.queryField('connectorFieldOptions', t =>
    t.field({
      type: options,
      description:
        'Values for a form field, listed live from the data source, within 20 seconds. Nothing is kept. Nobody has to choose: any valid value can be typed. Once per operation, and by POST.',
      authScopes: { scope: 'connectors:test' },
      extensions: { dialsOut: true },
      args: { input: t.arg({ type: input, description: 'For which field, and where to look.' }) },
      complexity: ({ input }) => listComplexity(input),
      errors: {
        types: [ValidationError, NotFoundError, SecretReentryRequiredError, RateLimitedError],
        union: { description: 'What `connectorFieldOptions` answers.' },
        result: { description: 'What could be listed, and what went wrong.' },
        dataField: { name: 'options', description: 'The values of this page.' },
      },
      resolve: (_root, { input }, { services, viewer, signal }) => {
        const { target, field, first, after, search, mayStartCompute } = input
        const page = { first, after: after ?? null, search: search ?? null, mayStartCompute }
        const asked = { target: toTarget(target), field, ...page }
        return withCursor(() => services.listings.fieldOptions(viewer, asked, signal))
      },
    }),
  )
}

function defineOptions({ builder }: SchemaParts, problem: ProblemRef) {
  const option = builder.objectRef<FieldOption>('FieldOption').implement({
    description: 'One value for a form field.',
    fields: t => ({
      value: t.exposeString('value', { description: 'What goes into the field; of a list, one of its items.' }),
      label: t.string({
        description: 'The text to show; the value itself where there is no better one.',
        resolve: parent => parent.label ?? parent.value,
      }),
      help: t.string({
        nullable: true,
        description: 'More about it, such as whether it is running.',
        resolve: parent => parent.help ?? null,
      }),
    }),
  })
  return builder.objectRef<ListedItems<FieldOption>>('ConnectorFieldOptions').implement({
    description: 'A page of values for a form field.',
    fields: t => ({ ...listFields(t, option, problem) }),
  })
}

interface TargetInput {
  readonly saved?: ConnectorRefInput | null
  readonly draft?: object | null
  readonly edit?: { readonly connector: ConnectorRefInput; readonly config: object } | null
}

function toTarget({ saved, draft, edit }: TargetInput): TestTarget {
  if (draft) return { draft: toConfigInput(draft) }
  if (edit) return { edit: { connector: toConnectorRef(edit.connector), config: toConfigInput(edit.config) } }
  return { saved: toConnectorRef(saved ?? {}) }
}
