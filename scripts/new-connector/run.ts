import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BadConnectorNameError, createConnector, namesOf } from './create-connector.ts'

/** `npm run new:connector -- SQL_SERVER "SQL Server"`: writes a new connector type's files. See docs/adding-a-connector.md. */
const [name = '', label = ''] = process.argv.slice(2)
const root = join(import.meta.dirname, '..', '..')
try {
  const files = await createConnector(root, namesOf(name, label))
  const touched = [...files, 'src/connectors/registry.ts', 'test/contract/fixtures.ts']
  await promisify(execFile)('npx', ['biome', 'check', '--write', ...touched], { cwd: root })
  for (const file of files) console.log(file)
  console.log('\nNow run: npx vitest run test/contract')
} catch (error) {
  if (!(error instanceof BadConnectorNameError)) throw error
  console.error(`${error.message}\nUsage: npm run new:connector -- SQL_SERVER "SQL Server"`)
  process.exitCode = 1
}
