import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'

/** The program's own child, with its whole sandbox. */
export const realChild = {
  childEntry: new URL('../../../src/connectors/host/child.ts', import.meta.url),
  readRoots: connectorHostReadRoots([new URL('../../../src/', import.meta.url)]),
}
