import { writeFile } from 'node:fs/promises'
import { builtInConnectorTypes, ConnectorRegistry } from '../src/connectors/registry.ts'
import { buildSchema } from '../src/schema/index.ts'
import { printSdl } from '../src/schema/print-sdl.ts'

// Prints the schema over the built-in connector types, to schema.graphql or to the file given.
const [file = 'schema.graphql'] = process.argv.slice(2)
await writeFile(file, printSdl(buildSchema(new ConnectorRegistry(builtInConnectorTypes))))
