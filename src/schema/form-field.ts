import type { FormSection } from '../connectors/form.ts'
import type {
  FormFieldCondition,
  FormFieldDescription,
  FormFieldKind,
  FormFieldLiveOptions,
  FormFieldOption,
} from '../connectors/form-fields.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'

const kinds: Record<FormFieldKind, string> = {
  TEXT: 'One line of text.',
  MULTILINE_TEXT: 'Several lines of text.',
  INTEGER: 'A whole number.',
  NUMBER: 'A number.',
  BOOLEAN: 'Yes or no.',
  CHOICE: 'One of `options`.',
  LIST: 'A list, whose items are described under the path `<path>.*`.',
  GROUP: 'A group of fields, described under paths that start with its own.',
  ALTERNATIVES: 'Exactly one of several groups, named by `options`.',
}

export function defineFormFields({ builder }: SchemaParts) {
  const kind = builder.enumType('FormFieldKind', {
    description: 'How a form field is filled in.',
    values: describedValues(kinds),
  })
  const option = builder.objectRef<FormFieldOption>('FormFieldOption').implement({
    description: 'One of several things to choose from.',
    fields: t => ({
      value: t.exposeString('value', { description: 'The value to send, or the key of the alternative.' }),
      label: t.exposeString('label', { description: 'The text to show.' }),
      help: t.exposeString('help', { nullable: true, description: 'A sentence that helps to choose.' }),
    }),
  })
  const condition = builder.objectRef<FormFieldCondition>('FormFieldCondition').implement({
    description:
      'A condition on another field: one of `equals`, `oneOf` and `isSet` says which. The value of alternatives is the key of the chosen one; a field that is left out has its default.',
    fields: t => ({
      path: t.exposeString('path', {
        description: 'Path of the other field; below a list it is that of the same item.',
      }),
      equals: t.field({
        type: 'JSON',
        nullable: true,
        description: 'The value that it must have.',
        resolve: parent => parent.equals,
      }),
      oneOf: t.field({
        type: ['JSON'],
        nullable: true,
        description: 'Values of which it must have one.',
        resolve: parent => parent.oneOf,
      }),
      isSet: t.exposeBoolean('isSet', {
        nullable: true,
        description: 'Whether it must have any value, a stored secret included, or none.',
      }),
    }),
  })
  const section = builder.objectRef<FormSection>('FormSection').implement({
    description: 'A part of a form under its own heading.',
    fields: t => ({
      // Not `id`: caches of clients take that for globally unique, and forms share names of sections.
      name: t.exposeString('id', { description: 'What `FormField.section` refers to.' }),
      label: t.exposeString('label', { description: 'The heading.' }),
      help: t.string({
        nullable: true,
        description: 'A sentence to show under the heading.',
        resolve: parent => parent.help ?? null,
      }),
    }),
  })
  const liveOptions = builder.objectRef<FormFieldLiveOptions>('FormFieldLiveOptions').implement({
    description: 'How values for a form field can be listed from the data source.',
    fields: t => ({
      needs: t.exposeStringList('needs', {
        description:
          'Paths of fields that must be filled in first, beside the required ones that have no `liveOptions` of their own.',
      }),
    }),
  })
  const field = builder.objectRef<FormFieldDescription>('FormField').implement({
    description: 'One field of a form, as a client draws it.',
    fields: t => ({
      path: t.exposeString('path', { description: 'Its path from the root of the form: `auth.password.username`.' }),
      label: t.exposeString('label', { description: 'The text beside it.' }),
      help: t.exposeString('help', { nullable: true, description: 'A sentence that helps to fill it in.' }),
      placeholder: t.exposeString('placeholder', {
        nullable: true,
        description: 'An example to show while it is empty.',
      }),
      section: t.exposeString('section', { nullable: true, description: 'Id of the section that it belongs to.' }),
      order: t.exposeInt('order', { description: 'Its place in the form, from 0.' }),
      kind: t.field({ type: kind, description: 'How it is filled in.', resolve: parent => parent.kind }),
      required: t.exposeBoolean('required', {
        description: 'Whether it must be given when the group that holds it is given.',
      }),
      defaultValue: t.field({
        type: 'JSON',
        nullable: true,
        description: 'What is taken when it is left out.',
        resolve: parent => parent.defaultValue,
      }),
      isSecret: t.exposeBoolean('isSecret', { description: 'Whether it can be written but never read.' }),
      secretWhen: t.field({
        type: condition,
        nullable: true,
        description: 'When it is secret, where another field decides that.',
        resolve: parent => parent.secretWhen,
      }),
      isDestination: t.exposeBoolean('isDestination', {
        description: 'Whether changing it asks for the stored secrets again.',
      }),
      isAdvanced: t.exposeBoolean('isAdvanced', { description: 'Whether to show it only on demand.' }),
      options: t.field({
        type: [option],
        complexity: { field: 1, multiplier: 5 },
        description: 'What there is to choose from. An alternative without fields is given as `true`.',
        resolve: parent => parent.options,
      }),
      minLength: t.exposeInt('minLength', { nullable: true, description: 'Fewest characters, or items of a list.' }),
      maxLength: t.exposeInt('maxLength', { nullable: true, description: 'Most characters, or items of a list.' }),
      minimum: t.exposeFloat('minimum', { nullable: true, description: 'Smallest number.' }),
      maximum: t.exposeFloat('maximum', { nullable: true, description: 'Largest number.' }),
      pattern: t.exposeString('pattern', {
        nullable: true,
        description: 'Regular expression (ECMAScript, no flags) that a text must match.',
      }),
      visibleWhen: t.field({
        type: [condition],
        // Most have none, few have two.
        complexity: { field: 1, multiplier: 2 },
        description:
          'When to show it: when all of these hold; always where there are none. A field that is not shown is to be left out, or to have its default.',
        resolve: parent => parent.visibleWhen,
      }),
      requiredWhen: t.field({
        type: condition,
        nullable: true,
        description: 'When it must be given, if it is shown, although it is not `required`; null for never.',
        resolve: parent => parent.requiredWhen,
      }),
      liveOptions: t.field({
        type: liveOptions,
        nullable: true,
        description:
          'Set where values for it can be listed from the data source, by `connectorFieldOptions`. Nobody has to choose one: any valid value can be typed.',
        resolve: parent => parent.liveOptions,
      }),
    }),
  })
  return { field, section }
}
