import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AppPaths } from './app.ts'
import { unsupportedNode } from './supported-node.ts'

const isBundle = !import.meta.url.endsWith('.ts')

// What is imported above exists in every Node; everything else only once the version is known to be right.
const unsupported = unsupportedNode('npm start')
if (unsupported !== null) {
  process.stderr.write(unsupported)
  process.exitCode = 1
} else {
  // Filled by the build, so that a start need not compile again. Without right to write it is only read.
  const { enableCompileCache } = await import('node:module')
  if (isBundle) enableCompileCache(fileURLToPath(new URL('compile-cache', import.meta.url)))
  const { runPatchbay } = await import('./run.ts')
  const envFile = join(process.cwd(), '.env')
  await runPatchbay(pathsOf(import.meta.url, envFile), envFile)
}

/** In the sources `main.ts` stands beside everything else; in the bundle `main.js` beside the bundled child. */
function pathsOf(main: string, envFile: string): AppPaths {
  return {
    childEntry: new URL(isBundle ? './connector-host.js' : './connectors/host/child.ts', main),
    codeFolders: [new URL('.', main)],
    migrationsDirectory: fileURLToPath(new URL('../drizzle', main)),
    privateFiles: [envFile],
  }
}
