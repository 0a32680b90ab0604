import type { ConnectorType } from '../connectors/define.ts'
import {
  type ConnectorRegistry,
  ConnectorTypeUnavailableError,
  UnknownConnectorTypeError,
} from '../connectors/registry.ts'
import { type InputIssue, ValidationError } from './errors.ts'

/**
 * The type that an input names, provided that this server lets it be used: to be asked before anything is stored or
 * dialled for it. Throws `ValidationError` at `at`. Whatever only shows or deletes asks the registry itself.
 */
export function usableType(
  registry: ConnectorRegistry,
  named: { readonly inputKey: string } | { readonly typeName: string },
  at: Pick<InputIssue, 'path' | 'inputPath'>,
): ConnectorType {
  try {
    const type = 'inputKey' in named ? registry.byInputKey(named.inputKey) : registry.byName(named.typeName)
    registry.assertAvailable(type)
    return type
  } catch (error) {
    if (error instanceof ConnectorTypeUnavailableError) throw new ValidationError([{ ...at, message: error.message }])
    if (!(error instanceof UnknownConnectorTypeError)) throw error
    const message =
      'inputKey' in named
        ? 'This server does not offer this connector type.'
        : 'This server does not offer the type of this connector any more.'
    throw new ValidationError([{ ...at, message }])
  }
}
