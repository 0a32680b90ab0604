import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { connectorHostReadRoots } from '../src/connectors/host/read-roots.ts'

const dist = pathToFileURL(`${join(import.meta.dirname, '..', 'dist')}/`)
/** The connector host's process as it is shipped. Asked for once it is built. */
export const builtChild = () => ({
  childEntry: new URL('connector-host.js', dist),
  readRoots: connectorHostReadRoots([dist]),
})
