import { athena } from './athena/index.ts'
import { bigquery } from './bigquery/index.ts'
import { databricks } from './databricks/index.ts'
import type { ConnectorType, TypeSwitch } from './define.ts'
import { httpApi } from './http-api/index.ts'
import { mongodb } from './mongodb/index.ts'
import { mysql } from './mysql/index.ts'
import { postgres } from './postgres/index.ts'
import { redshift } from './redshift/index.ts'
import { s3 } from './s3/index.ts'
import { simulator } from './simulator/index.ts'
import { snowflake } from './snowflake/index.ts'

/** Every built-in connector type. Adding a type is one folder and one line here. */
export const builtInConnectorTypes: readonly ConnectorType[] = [
  postgres,
  mysql,
  redshift,
  mongodb,
  athena,
  s3,
  snowflake,
  bigquery,
  databricks,
  httpApi,
  simulator,
]

export class UnknownConnectorTypeError extends Error {
  readonly typeName: string

  constructor(typeName: string) {
    super(`There is no connector type "${typeName}".`)
    this.name = 'UnknownConnectorTypeError'
    this.typeName = typeName
  }
}

/** Whether a type can be used on this server. */
export type Availability = 'AVAILABLE' | 'TURNED_OFF'

export interface TypeAvailability {
  readonly availability: Availability
  /** A sentence that says why it cannot be used; null where it can. */
  readonly note: string | null
}

/** The type exists, but this server does not let it be used. Its saved connectors can still be seen and deleted. */
export class ConnectorTypeUnavailableError extends Error {
  constructor(note: string) {
    super(note)
    this.name = 'ConnectorTypeUnavailableError'
  }
}

export interface RegistryOptions {
  /** The switches that the operator has not turned on. */
  readonly turnedOff?: readonly TypeSwitch[]
}

/** Finds types by name; a saved row may name a type that this program no longer has. */
export class ConnectorRegistry {
  readonly types: readonly ConnectorType[]
  readonly #byName: ReadonlyMap<string, ConnectorType>
  readonly #byInputKey: ReadonlyMap<string, ConnectorType>
  readonly #turnedOff: readonly TypeSwitch[]

  constructor(types: readonly ConnectorType[], { turnedOff = [] }: RegistryOptions = {}) {
    this.types = types
    this.#turnedOff = turnedOff
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

  /** Whether a type can be used, and why not. */
  availabilityOf({ label, switchedBy }: Pick<ConnectorType, 'label' | 'switchedBy'>): TypeAvailability {
    if (switchedBy === undefined || !this.#turnedOff.includes(switchedBy)) {
      return { availability: 'AVAILABLE', note: null }
    }
    const note = `This server's operator has not turned on the connector type ${label} (${switchedBy}).`
    return { availability: 'TURNED_OFF', note }
  }

  /** The types that can be used. */
  get availableTypes(): readonly ConnectorType[] {
    return this.types.filter(type => this.availabilityOf(type).note === null)
  }

  /** Throws `ConnectorTypeUnavailableError`. To be asked before anything is done with a type but showing or deleting. */
  assertAvailable(type: ConnectorType): void {
    const { note } = this.availabilityOf(type)
    if (note !== null) throw new ConnectorTypeUnavailableError(note)
  }
}
