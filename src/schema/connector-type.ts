import { type Capability, capabilitiesOf } from '../connectors/capabilities.ts'
import type { Category, ConnectorType } from '../connectors/define.ts'
import type { Form } from '../connectors/form.ts'
import { formFields } from '../connectors/form-fields.ts'
import { formJsonSchema } from '../connectors/form-json-schema.ts'
import { formUiSchema } from '../connectors/form-ui-schema.ts'
import { logoUrl } from '../connectors/logo.ts'
import type { Availability } from '../connectors/registry.ts'
import { testPlanOf } from '../connectors/test-plan.ts'
import { matchesSearch } from './catalogue-search.ts'
import { defineConnectorTypeFacts } from './connector-type-facts.ts'
import { describedValues } from './enum-values.ts'
import { defineFormFields } from './form-field.ts'
import type { SchemaParts } from './nouns.ts'
import { docsUrl, type ProblemDefinitionRef } from './problem.ts'

const kinds: Record<ConnectorType['kind'], string> = {
  SPECIFIC: 'One data source, with a friendly form.',
  GENERIC: 'Many data sources, with an advanced configuration.',
}
const categories: Record<Category, string> = {
  DATABASE: 'A database.',
  WAREHOUSE: 'A data warehouse.',
  STORAGE: 'Files in a storage service.',
  API: 'A web API.',
  DEVELOPMENT: 'For developing and testing clients of this server.',
}
const capabilities: Record<Capability, string> = {
  PREVIEW: 'Rows of a dataset can be previewed.',
  BROWSE: 'What the source holds can be looked through: see `Connector.catalog`.',
  LIVE_OPTIONS: 'Values for some form fields can be listed from the source: see `connectorFieldOptions`.',
  READ_ONLY_SESSION: 'The source itself is told that nothing may be written.',
  LEAST_PRIVILEGE_CHECK: 'A test warns of accounts that could write.',
  SSH_TUNNEL: 'The source can be reached through an SSH server.',
}
const availabilities: Record<Availability, string> = {
  AVAILABLE: 'Connectors of it can be created, tested and read from.',
  DRIVER_MISSING:
    'Its driver is not installed on this server: see `installCommand`. Its saved connectors can be seen, renamed and deleted.',
  TURNED_OFF: "This server's operator has not turned it on. Its saved connectors can be seen, renamed and deleted.",
}

export function defineConnectorTypes(parts: SchemaParts, problemDefinition: ProblemDefinitionRef): void {
  const { builder, registry, nouns, connectorTypeName } = parts
  const { field, section } = defineFormFields(parts)
  const facts = defineConnectorTypeFacts(parts)
  const kind = builder.enumType('ConnectorKind', {
    description: 'Whether a connector type is for one data source or for many.',
    values: describedValues(kinds),
  })
  const category = builder.enumType('ConnectorCategory', {
    description: 'What a connector type connects to.',
    values: describedValues(categories),
  })
  const capability = builder.enumType('ConnectorCapability', {
    description: 'What a connector type can do beyond being tested.',
    values: describedValues(capabilities),
  })
  const availability = builder.enumType('ConnectorTypeAvailability', {
    description: 'Whether a connector type can be used on this server. Values are added over time.',
    values: describedValues(availabilities),
  })

  const form = builder.objectRef<Form>('Form').implement({
    description: 'What can be filled in: to draw a form from, or to validate one with.',
    fields: t => ({
      sections: t.field({ type: [section], description: 'Its parts, in order.', resolve: parent => parent.sections }),
      fields: t.field({ type: [field], description: 'Its fields, in order.', resolve: parent => formFields(parent) }),
      jsonSchema: t.field({
        type: 'JSON',
        description: 'The same as a JSON Schema (2020-12), for libraries that draw forms.',
        args: {
          keepsSecrets: t.arg.boolean({
            defaultValue: false,
            description:
              'For a saved connector, whose stored secrets are kept where none is given: then none is required.',
          }),
        },
        resolve: (parent, { keepsSecrets }) => formJsonSchema(parent, { keepsSecrets }),
      }),
      uiSchema: t.field({
        type: 'JSON',
        description:
          'How to draw what `jsonSchema` describes, as react-jsonschema-form calls it: order, widgets, placeholders.',
        resolve: parent => formUiSchema(parent),
      }),
    }),
  })
  nouns.connectorType.implement({
    description: 'An entry of the catalogue: a kind of data source that can be connected.',
    fields: t => ({
      name: t.field({
        type: connectorTypeName,
        description: 'Its name for programs.',
        resolve: parent => parent.name,
      }),
      label: t.exposeString('label', { description: 'Its name for readers.' }),
      description: t.exposeString('description', { description: 'What it connects to, in a sentence.' }),
      kind: t.field({
        type: kind,
        description: 'Whether it is for one data source or for many.',
        resolve: parent => parent.kind,
      }),
      category: t.field({
        type: category,
        description: 'Which sort of system it connects to.',
        resolve: parent => parent.category,
      }),
      capabilities: t.field({
        type: [capability],
        description: 'What it can do beyond being tested.',
        resolve: parent => capabilitiesOf(parent),
      }),
      availability: t.field({
        type: availability,
        description: 'Whether it can be used on this server.',
        resolve: parent => registry.availabilityOf(parent).availability,
      }),
      availabilityNote: t.string({
        nullable: true,
        description: 'Why it cannot be used, in a sentence; null where it can.',
        resolve: parent => registry.availabilityOf(parent).note,
      }),
      installCommand: t.string({
        nullable: true,
        description:
          "What this server's operator has to run in its folder, before a restart, where the driver is missing; null otherwise.",
        resolve: parent => registry.availabilityOf(parent).installCommand,
      }),
      drivers: t.field({
        type: [facts.driver],
        description:
          'The npm packages that it needs on the server. None of them runs in the process that answers here.',
        resolve: parent => parent.drivers,
      }),
      maturity: t.field({
        type: facts.maturity,
        description: 'How far it may be relied upon.',
        resolve: parent => parent.maturity.level,
      }),
      maturityNote: t.string({
        nullable: true,
        description: 'What that means for this type, in a sentence; null where it is stable.',
        resolve: ({ maturity }) => (maturity.level === 'STABLE' ? null : maturity.reason),
      }),
      deprecation: t.field({
        type: facts.deprecation,
        nullable: true,
        description: 'Since when it is not to be used any more, and what instead; null unless it is deprecated.',
        resolve: ({ maturity }) =>
          maturity.level !== 'DEPRECATED'
            ? null
            : {
                since: maturity.since,
                reason: maturity.reason,
                successor: maturity.successor === undefined ? null : registry.byName(maturity.successor),
              },
      }),
      logoUrl: t.string({
        description: "A sign for it, as a data URL of an SVG image: for an image's `src`.",
        resolve: parent => logoUrl(parent.logo),
      }),
      keywords: t.exposeStringList('keywords', {
        description: 'Other words by which it is looked for, such as products that speak the same protocol.',
      }),
      testPlan: t.field({
        type: [facts.step],
        description: 'What its connection tests may do, in order.',
        resolve: parent => testPlanOf(parent),
      }),
      inputKey: t.exposeString('inputKey', {
        description:
          'Its key in `ConnectorConfigInput`, and the field of its connectors that shows their configuration.',
      }),
      form: t.field({
        type: form,
        description: "The form of a connector's configuration.",
        resolve: parent => parent.form,
      }),
      queryForm: t.field({
        type: form,
        description: "The form of a dataset's query.",
        resolve: parent => parent.queryForm,
      }),
      problems: t.field({
        type: [problemDefinition],
        description: 'What its tests and previews may report.',
        resolve: parent => parent.problems,
      }),
      docsUrl: t.string({
        nullable: true,
        description: 'Its page of the documentation, where this server knows one.',
        resolve: (parent, _args, { docsBaseUrl }) => docsUrl(docsBaseUrl, parent.docsPath),
      }),
    }),
  })

  const filter = builder.inputType('ConnectorTypeFilter', {
    description: 'Narrows the catalogue. What is left out does not narrow.',
    fields: t => ({
      search: t.string({
        required: false,
        description: 'Words that must all be in the label, the description or the keywords, without regard to case.',
      }),
      kind: t.field({ type: kind, required: false, description: 'Only types of this kind.' }),
      category: t.field({ type: category, required: false, description: 'Only types of this category.' }),
      capabilities: t.field({
        type: [capability],
        required: false,
        description: 'Only types that have all of these capabilities.',
      }),
      maturity: t.field({ type: facts.maturity, required: false, description: 'Only types of this maturity.' }),
      availability: t.field({
        type: availability,
        required: false,
        description: 'Only types that can, or cannot, be used on this server.',
      }),
    }),
  })
  builder.queryFields(t => ({
    connectorTypes: t.field({
      type: [nouns.connectorType],
      description: 'The catalogue: what can be connected.',
      authScopes: { signedIn: true },
      args: { filter: t.arg({ type: filter, required: false, description: 'Narrows the catalogue.' }) },
      // Held in memory and the same for everybody: whole forms of all types must fit into one operation.
      complexity: { field: 1, multiplier: 3 },
      resolve: (_root, args) => {
        const { search, kind, category, capabilities, maturity, availability } = args.filter ?? {}
        return registry.types.filter(
          type =>
            (kind == null || type.kind === kind) &&
            (category == null || type.category === category) &&
            (maturity == null || type.maturity.level === maturity) &&
            (availability == null || registry.availabilityOf(type).availability === availability) &&
            (capabilities ?? []).every(wanted => capabilitiesOf(type).includes(wanted)) &&
            matchesSearch(type, search ?? ''),
        )
      },
    }),
    connectorType: t.field({
      type: nouns.connectorType,
      description: 'One entry of the catalogue.',
      authScopes: { signedIn: true },
      args: { name: t.arg({ type: connectorTypeName, description: 'Its name.' }) },
      resolve: (_root, { name }) => registry.byName(name),
    }),
  }))
}
