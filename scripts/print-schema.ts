import { writeFile } from 'node:fs/promises'
import { builtInConnectorTypes, ConnectorRegistry } from '../src/connectors/registry.ts'
import { buildSchema } from '../src/schema/index.ts'
import { printSdl } from '../src/schema/print-sdl.ts'

// Writes schema.graphql: the schema over the built-in connector types.
const schema = buildSchema(new ConnectorRegistry(builtInConnectorTypes))
await writeFile(new URL('../schema.graphql', import.meta.url), printSdl(schema))
