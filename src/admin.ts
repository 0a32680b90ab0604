import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// As in `main.ts`: what is imported above exists in every Node.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(
    `Patchbay needs Node 22.14 or newer; this is ${process.versions.node}. Run it with "npm run", which brings its own.\n`,
  )
  process.exitCode = 2
} else {
  const { runAdmin } = await import('./run-admin.ts')
  process.exitCode = await runAdmin(process.argv.slice(2), {
    migrationsDirectory: fileURLToPath(new URL('../drizzle', import.meta.url)),
    envFile: join(process.cwd(), '.env'),
    isBundle: !import.meta.url.endsWith('.ts'),
  })
}
