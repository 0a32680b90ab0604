import { athena } from './athena/index.ts'
import { bigquery } from './bigquery/index.ts'
import { databricks } from './databricks/index.ts'
import type { ConnectorType, DriverPackage, TypeSwitch } from './define.ts'
import { installCommand, isInstalled } from './driver-packages.ts'
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
export type Availability = 'AVAILABLE' | 'TURNED_OFF' | 'DRIVER_MISSING'

export interface TypeAvailability {
  readonly availability: Availability
  /** A sentence that says why it cannot be used; null where it can. */
  readonly note: string | null
  /** What to run where its driver is missing; null otherwise. */
  readonly installCommand: string | null
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
  /** Whether a driver's package is there; looks for it unless given. */
  readonly isInstalled?: (driver: DriverPackage) => boolean
}

/** Finds types by name; a saved row may name a type that this program no longer has. */
export class ConnectorRegistry {
  readonly types: readonly ConnectorType[]
  readonly #byName: ReadonlyMap<string, ConnectorType>
  readonly #byInputKey: ReadonlyMap<string, ConnectorType>
  readonly #turnedOff: readonly TypeSwitch[]
  readonly #isInstalled: (driver: DriverPackage) => boolean
  /** By name of the package: what is installed is looked up once, and stays so until the next start. */
  readonly #installed = new Map<string, boolean>()

  constructor(
    types: readonly ConnectorType[],
    { turnedOff = [], isInstalled: looksInstalled = isInstalled }: RegistryOptions = {},
  ) {
    this.types = types
    this.#turnedOff = turnedOff
    this.#isInstalled = looksInstalled
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
  availabilityOf({
    label,
    switchedBy,
    drivers,
  }: Pick<ConnectorType, 'label' | 'switchedBy' | 'drivers'>): TypeAvailability {
    if (switchedBy !== undefined && this.#turnedOff.includes(switchedBy)) {
      const note = `This server's operator has not turned on the connector type ${label} (${switchedBy}).`
      return { availability: 'TURNED_OFF', note, installCommand: null }
    }
    const missing = drivers.filter(driver => !this.hasDriver(driver))
    if (missing.length === 0) return { availability: 'AVAILABLE', note: null, installCommand: null }
    const command = installCommand(missing)
    const note = `The driver of the connector type ${label} is not installed on this server. Its operator can get it with "${command}" and a restart.`
    return { availability: 'DRIVER_MISSING', note, installCommand: command }
  }

  /** Whether a package that a type needs is installed. */
  hasDriver(driver: DriverPackage): boolean {
    let found = this.#installed.get(driver.name)
    if (found === undefined) {
      found = this.#isInstalled(driver)
      this.#installed.set(driver.name, found)
    }
    return found
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
