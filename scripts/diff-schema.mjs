// Compares the committed schema with the one that the code prints: they must be the same text. Where they differ, says
// what that means for clients. Then checks that every operation of the tests and the demo fits it.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0

async function isCurrent(directory) {
  const printed = join(directory, 'schema.graphql')
  if (!run(process.execPath, ['scripts/print-schema.ts', printed])) return false
  if ((await readFile(printed, 'utf8')) === (await readFile('schema.graphql', 'utf8'))) return true
  console.error('schema.graphql is not what the code prints. Run `npm run schema:print` and commit the result.')
  run('graphql-inspector', ['diff', 'schema.graphql', printed])
  return false
}

const directory = await mkdtemp(join(tmpdir(), 'patchbay-schema-'))
try {
  const fits =
    (await isCurrent(directory)) &&
    run('graphql-inspector', ['validate', 'test/operations/*.graphql', 'schema.graphql'])
  process.exitCode = fits ? 0 : 1
} finally {
  await rm(directory, { recursive: true })
}
