import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql'
import type { ConnectorRegistry } from '../../src/connectors/registry.ts'

const ofCatalogue = 'The catalogue of types and problems, which is the same for everybody.'
const ofTest = 'A part of a connection test, in its own row.'
const ofMistake = 'A mistake in what the viewer has given.'
const ofSource = 'What the data source has answered.'
const ofEntry = 'A part of an entry of the audit log, in its own row.'

/** Types that lead to no row but the one that they are a part of. Any other type has to be walked to. */
const plain: Readonly<Record<string, string>> = {
  PageInfo: 'Where a page lies in its list.',
  RateLimit: 'Counted in memory for the viewer; see test/server.',
  ConnectorType: ofCatalogue,
  ConnectorTypeDeprecation: ofCatalogue,
  ConnectorTypeDriver: ofCatalogue,
  Form: ofCatalogue,
  FormField: ofCatalogue,
  FormFieldCondition: ofCatalogue,
  FormFieldLiveOptions: ofCatalogue,
  FormFieldOption: ofCatalogue,
  FormSection: ofCatalogue,
  PossibleTestStep: ofCatalogue,
  ProblemDefinition: ofCatalogue,
  ConnectionTestStep: ofTest,
  ConnectionTestChange: ofTest,
  Evidence: ofTest,
  Problem: ofTest,
  Remedy: ofTest,
  PlannedTestStep: 'A part of the plan of what the viewer has given.',
  ValidationIssue: ofMistake,
  DatasetPreview: ofSource,
  DatasetColumn: ofSource,
  CatalogEntries: ofSource,
  CatalogEntry: ofSource,
  CatalogColumn: ofSource,
  ConnectorFieldOptions: ofSource,
  FieldOption: ofSource,
  AuditActor: ofEntry,
  AuditTarget: ofEntry,
}

/** Whether a type is plain, or made from a form: configurations and queries lie in the row of their connector or dataset. */
export function plainTypes(schema: GraphQLSchema, registry: ConnectorRegistry): (typeName: string) => boolean {
  const known = new Set(Object.keys(plain))
  const add = (type: GraphQLNamedType | undefined): void => {
    if (!type || known.has(type.name)) return
    if (isUnionType(type)) for (const member of type.getTypes()) add(member)
    if (!isObjectType(type) && !isInterfaceType(type) && !isUnionType(type)) return
    known.add(type.name)
    if (isUnionType(type)) return
    for (const field of Object.values(type.getFields())) add(getNamedType(field.type))
  }
  for (const { inputKey } of registry.types) {
    const name = `${inputKey.charAt(0).toUpperCase()}${inputKey.slice(1)}Connector`
    const type = schema.getType(name)
    const config = isObjectType(type) ? type.getFields()[inputKey] : undefined
    if (!config) throw new Error(`${name} has no configuration.`)
    add(getNamedType(config.type))
  }
  add(schema.getType('DatasetQuery'))
  return name => known.has(name)
}

/** Names of `plain` that the schema does not have any more. */
export const gonePlainTypes = (schema: GraphQLSchema): readonly string[] =>
  Object.keys(plain).filter(name => !schema.getType(name))
