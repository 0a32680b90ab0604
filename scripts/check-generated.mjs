// Regenerates what is generated and fails when that changes a committed file.
import { spawnSync } from 'node:child_process'

const generated = ['test/generated', 'docs/problems.md', 'docs/configuration.md']
const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0
if (!run('npm', ['run', '--silent', 'codegen']) || !run('npm', ['run', '--silent', 'docs:generate'])) process.exit(1)
const { stdout } = spawnSync('git', ['status', '--porcelain', '--', ...generated], { encoding: 'utf8' })
if (stdout.trim() === '') process.exit(0)
console.error(`Generated files are out of date; commit these:\n${stdout}`)
process.exit(1)
