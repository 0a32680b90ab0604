import type { ConnectorType } from './define.ts'
import { postgres } from './postgres/index.ts'

/** Every built-in connector type. Adding a type is one folder and one line here. */
export const builtInConnectorTypes: readonly ConnectorType[] = [postgres]

export class UnknownConnectorTypeError extends Error {
  readonly typeName: string

  constructor(typeName: string) {
    super(`There is no connector type "${typeName}".`)
    this.name = 'UnknownConnectorTypeError'
    this.typeName = typeName
  }
}

/** Finds types by name; a saved row may name a type that this program no longer has. */
export class ConnectorRegistry {
  readonly types: readonly ConnectorType[]
  readonly #byName: ReadonlyMap<string, ConnectorType>
  readonly #byInputKey: ReadonlyMap<string, ConnectorType>

  constructor(types: readonly ConnectorType[]) {
    this.types = types
    this.#byName = new Map(types.map(type => [type.name, type]))
    this.#byInputKey = new Map(types.map(type => [type.inputKey, type]))
    if (this.#byName.size !== types.length || this.#byInputKey.size !== types.length) {
      throw new Error('Two connector types share a name or an input key.')
    }
  }

  /** Throws `UnknownConnectorTypeError`. */
  byName(name: string): ConnectorType {
    const type = this.#byName.get(name)
    if (!type) throw new UnknownConnectorTypeError(name)
    return type
  }

  /** Throws `UnknownConnectorTypeError`. */
  byInputKey(inputKey: string): ConnectorType {
    const type = this.#byInputKey.get(inputKey)
    if (!type) throw new UnknownConnectorTypeError(inputKey)
    return type
  }
}
