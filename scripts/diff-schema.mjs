// Compares the committed schema with the one that the code prints: they must be the same text. Where they differ, says
// what that means for clients.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const printed = join(await mkdtemp(join(tmpdir(), 'patchbay-schema-')), 'schema.graphql')
const print = spawnSync(process.execPath, ['scripts/print-schema.ts', printed], { stdio: 'inherit' })
if (print.status !== 0) process.exit(1)
if ((await readFile(printed, 'utf8')) === (await readFile('schema.graphql', 'utf8'))) process.exit(0)
console.error('schema.graphql is not what the code prints. Run `npm run schema:print` and commit the result.')
spawnSync('graphql-inspector', ['diff', 'schema.graphql', printed], { stdio: 'inherit' })
process.exit(1)
