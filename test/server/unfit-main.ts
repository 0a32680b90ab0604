import { runPatchbay } from '../../src/run.ts'
import { startChildrenWith } from '../connectors/host/unfit/start-children-with.ts'
import { sourcePaths } from '../harness.ts'

// The program as it is, on a machine where the sandbox of its connector host does not hold.
const lacksPermissionModel = process.argv[2] === 'permission'
if (lacksPermissionModel) startChildrenWith(null)
const childEntry = lacksPermissionModel
  ? sourcePaths.childEntry
  : new URL('../connectors/host/unfit/connect-child.ts', import.meta.url)
await runPatchbay(
  { ...sourcePaths, childEntry, codeFolders: [...sourcePaths.codeFolders, new URL('../connectors/', import.meta.url)] },
  '/nonexistent/.env',
)
