import { type ApiTokenStatus, apiTokenStatus } from '../db/api-token-store.ts'
import type { ApiTokenRow } from '../db/rows.ts'
import { beginningOf } from '../services/api-token-text.ts'
import { type Command, type CommandOptions, exitCodes, optionText, UsageError } from './command.ts'
import { tokenDependencies } from './token-operator.ts'
import { workspaceOption } from './workspace-option.ts'

const pageSize = 100

export const tokensList: Command = {
  name: 'tokens:list',
  summary: 'Lists the API tokens of a workspace, the newest first; no secrets.',
  usage: [
    '--workspace ID   of this workspace',
    '--status STATUS  only those that are active, expired or revoked',
    '--json           one JSON object instead of text',
  ],
  options: { workspace: { type: 'string' }, status: { type: 'string' } },
  async run(admin, options) {
    const workspace = workspaceOption(options)
    const status = statusOf(options)
    const { apiTokenStore } = tokenDependencies(await admin.openDatabase())
    const now = new Date()
    const tokens: ApiTokenRow[] = []
    for (let after: string | null = null; ; ) {
      const page = await apiTokenStore.page(workspace, { first: pageSize, after }, { status, createdById: null }, now)
      tokens.push(...page.rows)
      after = page.cursors.at(-1) ?? null
      if (!page.hasNextPage || admin.signal.aborted) break
    }
    return {
      exitCode: exitCodes.DONE,
      lines: tokens.length === 0 ? ['There are none.'] : tokens.map(token => lineOf(token, now)),
      json: { workspace: workspace.id, tokens: tokens.map(token => shown(token, now)) },
    }
  },
}

const statuses: readonly ApiTokenStatus[] = ['ACTIVE', 'EXPIRED', 'REVOKED']

function statusOf(options: CommandOptions): ApiTokenStatus | null {
  const text = optionText(options, 'status')
  const found = statuses.find(status => status === text?.toUpperCase())
  if (text !== null && !found) throw new UsageError(`--status can be active, expired or revoked, not "${text}".`)
  return found ?? null
}

/** Everything but the digest of the secret. */
const shown = (token: ApiTokenRow, now: Date) => {
  const { secretHash: _hash, workspaceId: _workspace, ...rest } = token
  return { ...rest, status: apiTokenStatus(token, now) }
}

function lineOf(token: ApiTokenRow, now: Date): string {
  const { id, name, createdBy, expiresAt, lastUsedAt, scopes } = token
  return [
    beginningOf(id),
    apiTokenStatus(token, now).padEnd(7),
    `until ${expiresAt.toISOString().slice(0, 10)}`,
    lastUsedAt === null ? 'never used' : `used ${lastUsedAt.toISOString().slice(0, 16)}Z`,
    `${JSON.stringify(name)} by ${JSON.stringify(createdBy)}`,
    scopes.join(' '),
  ].join('  ')
}
