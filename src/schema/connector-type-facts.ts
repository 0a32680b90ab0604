import type { ConnectorType, DriverPackage, Maturity } from '../connectors/define.ts'
import type { PossibleStep } from '../connectors/test-plan.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'

const levels: Record<Maturity['level'], string> = {
  STABLE: 'Proven against the product itself, or against software that stands for it in practice.',
  BETA: 'Complete, but proven only as far as `maturityNote` says.',
  DEPRECATED: 'Still works, and is to be replaced: see `deprecation`.',
}

export interface Deprecation {
  readonly since: string
  readonly reason: string
  readonly successor: ConnectorType | null
}

/** What the catalogue says of a type beside its forms: maturity, drivers, what a test does. */
export function defineConnectorTypeFacts({ builder, registry, nouns, stepKey }: SchemaParts) {
  const maturity = builder.enumType('ConnectorTypeMaturity', {
    description: 'How far a connector type may be relied upon.',
    values: describedValues(levels),
  })
  const deprecation = builder.objectRef<Deprecation>('ConnectorTypeDeprecation').implement({
    description: 'Since when a connector type is not to be used any more, and what to use instead.',
    fields: t => ({
      since: t.exposeString('since', { description: 'A date: `2026-11-22`.' }),
      reason: t.exposeString('reason', { description: 'Why, in a sentence.' }),
      successor: t.field({
        type: nouns.connectorType,
        nullable: true,
        description: 'The type to use instead; null where there is none.',
        resolve: parent => parent.successor,
      }),
    }),
  })
  const driver = builder.objectRef<DriverPackage>('ConnectorTypeDriver').implement({
    description: 'An npm package that a connector type needs on the server.',
    fields: t => ({
      name: t.exposeString('name', { description: 'Its name.' }),
      version: t.exposeString('version', { description: 'The version that this server was tested with.' }),
      isInstalled: t.boolean({
        description: 'Whether it was there when the server started.',
        resolve: parent => registry.hasDriver(parent),
      }),
    }),
  })
  const step = builder.objectRef<PossibleStep>('PossibleTestStep').implement({
    description: 'A step that connection tests of a type may have.',
    fields: t => ({
      key: t.field({ type: stepKey, description: 'What it establishes.', resolve: parent => parent.key }),
      title: t.exposeString('title', {
        description: "What it does. Hosts in it are those of the form's examples.",
      }),
      required: t.exposeBoolean('required', { description: 'Whether the test fails with it.' }),
      isConditional: t.exposeBoolean('isConditional', {
        description: 'Whether only some configurations have it, such as those with a tunnel.',
      }),
      budgetMs: t.exposeInt('budgetMs', { description: 'The longest that it usually may take, in milliseconds.' }),
    }),
  })
  return { maturity, deprecation, driver, step }
}
