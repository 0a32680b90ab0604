import type { ConnectorKey } from '../db/connector-store.ts'
import type { ConnectorRef } from './connectors.ts'
import { nameKey } from './names.ts'

/** Names find what they would collide with. */
export const connectorKey = (ref: ConnectorRef): ConnectorKey => ('name' in ref ? { nameKey: nameKey(ref.name) } : ref)
