import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unsupportedNode } from './supported-node.ts'

// As in `main.ts`: what is imported above exists in every Node.
const unsupported = unsupportedNode('npm run')
if (unsupported !== null) {
  process.stderr.write(unsupported)
  process.exitCode = 2
} else {
  const { runAdmin } = await import('./run-admin.ts')
  process.exitCode = await runAdmin(process.argv.slice(2), {
    migrationsDirectory: fileURLToPath(new URL('../drizzle', import.meta.url)),
    envFile: join(process.cwd(), '.env'),
    isBundle: !import.meta.url.endsWith('.ts'),
  })
}
