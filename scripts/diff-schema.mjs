// Compares the committed schema with the one that the code prints: they must be the same text. Where they differ, says
// what that means for clients. Then checks that every operation of the tests and the demo fits it.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0

const printed = join(await mkdtemp(join(tmpdir(), 'patchbay-schema-')), 'schema.graphql')
if (!run(process.execPath, ['scripts/print-schema.ts', printed])) process.exit(1)
if ((await readFile(printed, 'utf8')) !== (await readFile('schema.graphql', 'utf8'))) {
  console.error('schema.graphql is not what the code prints. Run `npm run schema:print` and commit the result.')
  run('graphql-inspector', ['diff', 'schema.graphql', printed])
  process.exit(1)
}
if (!run('graphql-inspector', ['validate', 'test/operations/*.graphql', 'schema.graphql'])) process.exit(1)
