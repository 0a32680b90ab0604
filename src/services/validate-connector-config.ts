import type { PlannedStep } from '../connectors/connection-test.ts'
import type { ConnectorType } from '../connectors/define.ts'
import { joinSecrets } from '../connectors/form-secrets.ts'
import type { JsonObject } from '../connectors/json.ts'
import { assertEditIsFree, assertNewIsFree, checkEdit, checkNewConnector } from './connector-checks.ts'
import type { ConnectorDependencies } from './connector-dependencies.ts'
import { connectorKey } from './connector-ref.ts'
import type { ValidateConnectorConfigInput, ValidConnectorConfig } from './connectors.ts'
import { NotFoundError } from './errors.ts'
import type { Viewer } from './viewer.ts'

type Dependencies = Pick<ConnectorDependencies, 'registry' | 'connectorStore'>

/** `ConnectorService.validate`: what saving would refuse is refused in the same way. Needs no secret store. */
export async function validateConnectorConfig(
  { registry, connectorStore }: Dependencies,
  { workspace }: Viewer,
  { target, ...naming }: ValidateConnectorConfigInput,
): Promise<ValidConnectorConfig> {
  if ('draft' in target) {
    const input = { ...naming, config: target.draft }
    const { fields, resolved } = checkNewConnector(registry, input, ['target', 'draft'])
    await assertNewIsFree(connectorStore, workspace, fields)
    return answer(resolved.type, resolved.config)
  }
  const stored = await connectorStore.findStored(workspace, connectorKey(target.edit.connector))
  if (stored === null) throw new NotFoundError('connector')
  const input = { ...naming, config: target.edit.config }
  const { fields, edit } = checkEdit(registry, stored, input, ['target', 'edit', 'config'])
  await assertEditIsFree(connectorStore, workspace, stored, fields)
  if (edit === null) throw new Error('An edit with a configuration yields one.')
  return answer(edit.type, edit.config)
}

/** No plan needs a secret: of a saved connector they are not even read. */
function answer(type: ConnectorType, config: JsonObject): ValidConnectorConfig {
  const whole = joinSecrets(type.form, config, {})
  // The config has passed the type's form, whose exact type the registry has forgotten.
  const testPlan: readonly PlannedStep[] = type.plan(whole as Parameters<typeof type.plan>[0])
  return { formData: config, testPlan }
}
