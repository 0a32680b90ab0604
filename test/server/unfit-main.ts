import { runPatchbay } from '../../src/run.ts'
import { sourcePaths } from '../harness.ts'

// The program as it is, on a machine where the network guard of its connector host does not hold.
const childEntry = new URL('../connectors/host/unfit/connect-child.ts', import.meta.url)
await runPatchbay(
  { ...sourcePaths, childEntry, codeFolders: [...sourcePaths.codeFolders, new URL('../connectors/', import.meta.url)] },
  '/nonexistent/.env',
)
