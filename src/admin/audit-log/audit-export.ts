import { once } from 'node:events'
import { auditLine } from '../../services/audit-line.ts'
import { createAuditReading } from '../../services/audit-reading.ts'
import { type Command, type CommandOptions, exitCodes, optionText, UsageError } from '../command.ts'
import { operatorAudit } from './operator-audit.ts'
import { workspaceNamed } from './workspaces.ts'

export const auditExport: Command = {
  name: 'audit:export',
  summary: 'Writes the audit log of a workspace to standard output: one JSON object a line, oldest first.',
  usage: [
    '--workspace ID   of this workspace',
    '--from TIME      not what was before, such as 2026-11-22T18:00:00Z',
    '--to TIME        only what was before',
    '',
    'The export is an entry of the audit log itself.',
    'Ends with 0 when all of it was written, 1 when it was stopped.',
  ],
  options: { workspace: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' } },
  async run(admin, options) {
    const id = optionText(options, 'workspace')
    if (id === null) throw new UsageError('Give the --workspace.')
    const workspace = workspaceNamed(id)
    const range = { from: readTime(options, 'from'), to: readTime(options, 'to') }
    if (range.from && range.to && range.from >= range.to) throw new UsageError('--from must be before --to.')
    if (options['json'] === true) throw new UsageError('--json is not needed: every line is JSON.')
    const world = await admin.openKeys()
    const { audit, operator, seal } = operatorAudit(world)
    const pages = createAuditReading({ database: world.database, audit }).export(operator(workspace), range)
    for await (const page of pages) {
      // What reads may be slower than the database.
      if (!process.stdout.write(page.map(auditLine).join(''))) await once(process.stdout, 'drain')
      if (admin.signal.aborted) break
    }
    await seal()
    return { exitCode: admin.signal.aborted ? exitCodes.LEFT : exitCodes.DONE, lines: [], json: {} }
  },
}

function readTime(options: CommandOptions, name: string): Date | null {
  const text = optionText(options, name)
  if (text === null) return null
  const time = new Date(text)
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(time.getTime())) {
    throw new UsageError(`--${name} must be a time such as 2026-11-22T18:00:00Z.`)
  }
  return time
}
