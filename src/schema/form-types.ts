import { z } from 'zod'
import type { ConnectorType } from '../connectors/define.ts'
import type { Form } from '../connectors/form.ts'
import { assertFormSupported, formTree } from '../connectors/form-tree.ts'
import { UnsupportedFormError } from '../connectors/form-tree-reader.ts'
import { holdsSecrets, isRecord } from '../connectors/form-tree-walk.ts'
import { validateForm } from '../connectors/form-validation.ts'
import type { Builder } from './builder.ts'
import { rootInput } from './form-input-types.ts'
import { rootOutput } from './form-output-types.ts'
import { type ConfigInputRef, type ConfigObjectRef, type EnumRef, FormTypeDefiner } from './form-type-definer.ts'
import { pascalCase } from './form-type-names.ts'

/** The GraphQL types made from the forms of all connector types. */
export interface FormTypes {
  /** `ConnectorConfigInput`: exactly one key, the input key of a connector type. */
  readonly configInput: ConfigInputRef
  /** `ConnectorConfigPatch`: the same for changes. */
  readonly configPatch: ConfigInputRef
  /** `DatasetQueryInput`. */
  readonly queryInput: ConfigInputRef
  /** By the connector type's name. Their values are stored configurations and queries. */
  readonly outputs: ReadonlyMap<string, { readonly config: ConfigObjectRef; readonly query: ConfigObjectRef }>
}

/** Defines them. @throws Error at start for a form that is not supported, or two parts that claim one name */
export function buildFormTypes(
  builder: Builder,
  types: readonly ConnectorType[],
  enums: { readonly [name: string]: EnumRef } = {},
): FormTypes {
  const definer = new FormTypeDefiner(builder, enums)
  const built = types.map(type => ({ type, ...buildTypesOf(definer, type) }))
  const root = (name: string, description: string, pick: (each: (typeof built)[number]) => ConfigInputRef) =>
    definer.input(name, name, () => ({
      description: `${description} Give exactly one: the one of the connector's type.`,
      isOneOf: true,
      fields: Object.fromEntries(
        built.map(each => [
          each.type.inputKey,
          { type: pick(each), required: false, description: `For the connector type ${each.type.label}.` },
        ]),
      ),
    }))
  return {
    configInput: root('ConnectorConfigInput', 'The configuration of a connector.', each => each.configInput),
    configPatch: root('ConnectorConfigPatch', 'Changes to the configuration of a connector.', each => each.configPatch),
    queryInput: root('DatasetQueryInput', 'What a dataset asks of its data source.', each => each.queryInput),
    outputs: new Map(built.map(({ type, config, query }) => [type.name, { config, query }])),
  }
}

const patchRules = 'What is left out stays; null clears an optional field or resets it to its default.'

function buildTypesOf(definer: FormTypeDefiner, type: ConnectorType) {
  assertFormSupported(type.form, type.name)
  assertFormSupported(type.queryForm, `${type.name} query`)
  const { root } = formTree(type.form)
  const { root: queryRoot } = formTree(type.queryForm)
  if (holdsSecrets(queryRoot)) throw new UnsupportedFormError('', 'a query cannot hold secrets', type.name)
  const prefix = pascalCase(type.inputKey)
  const names = { root: `${prefix}Config`, prefix }
  const queryNames = { root: `${prefix}DatasetQuery`, prefix: `${prefix}DatasetQuery` }
  const { label } = type
  const ofConnector = `configuration of a connector of the type ${label}`
  return {
    configInput: rootInput(definer, root, names, 'Input', `The ${ofConnector}.`),
    configPatch: rootInput(definer, root, names, 'Patch', `Changes to the ${ofConnector}. ${patchRules}`),
    config: rootOutput(definer, root, names, `The ${ofConnector}, without secrets.`),
    queryInput: rootInput(definer, queryRoot, queryNames, 'Input', `What a dataset of the type ${label} asks.`),
    query: rootOutput(definer, queryRoot, queryNames, `What a dataset of the type ${label} asks.`),
  }
}

/**
 * Validates `{ postgres: {...} }` against the form of its type, all issues at once with their paths, for the schema of
 * a root input that creates or tests a configuration. The value passes unchanged: services apply defaults and
 * transforms. A key of no known type passes too; services refuse it.
 */
export const configInputSchema = (types: readonly ConnectorType[]): z.ZodType<object> =>
  byInputKey(new Map(types.map(type => [type.inputKey, type.form])))

/** The same for dataset queries. */
export const queryInputSchema = (types: readonly ConnectorType[]): z.ZodType<object> =>
  byInputKey(new Map(types.map(type => [type.inputKey, type.queryForm])))

function byInputKey(forms: ReadonlyMap<string, Form>): z.ZodType<object> {
  return z.custom<object>(isRecord, 'Must be an object.').check(context => {
    for (const [inputKey, value] of Object.entries(context.value)) {
      const form = forms.get(inputKey)
      const result = form && value !== null && value !== undefined ? validateForm(form, value) : null
      if (!result || result.ok) continue
      for (const { segments, message } of result.issues) {
        context.issues.push({ code: 'custom', message, input: null, path: [inputKey, ...segments] })
      }
    }
  })
}
