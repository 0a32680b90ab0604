import { beginningOf } from '../services/api-token-text.ts'
import type { ApiTokenRights } from '../services/api-tokens.ts'
import { ServiceError, ValidationError } from '../services/errors.ts'
import { defaultTokenDays, issueApiToken, maxTokenDays } from '../services/issue-api-token.ts'
import { type Role, roles } from '../services/roles.ts'
import { type Scope, scopes } from '../services/viewer.ts'
import { type Command, type CommandOptions, exitCodes, optionText, UsageError } from './command.ts'
import { operatorIn, tokenDependencies } from './token-operator.ts'
import { workspaceOption } from './workspace-option.ts'

/** Makes the first token of a workspace, which nobody in it could make. */
export const tokensCreate: Command = {
  name: 'tokens:create',
  summary: 'Creates an API token of a workspace and prints it, this once.',
  usage: [
    '--workspace ID   of this workspace, which may be new; the one of AUTH=none is "default"',
    '--name NAME      what it is for; also the name under which it acts',
    `--role NAME      what it may do: ${Object.keys(roles).join(', ')}`,
    '--scopes LIST    or scope by scope, comma-separated: connectors:read, datasets:read',
    `--days N         after how many days its time is over, from 1 to ${maxTokenDays}; ${defaultTokenDays}`,
    '--json           one JSON object instead of the token alone',
    '',
    'The token is all that goes to standard output. Nobody can show it again.',
    'Ends with 0 when it is made, 1 when the workspace has too many.',
  ],
  options: {
    workspace: { type: 'string' },
    name: { type: 'string' },
    role: { type: 'string' },
    scopes: { type: 'string' },
    days: { type: 'string' },
  },
  async run(admin, options) {
    const workspace = workspaceOption(options)
    const name = optionText(options, 'name')
    if (name === null) throw new UsageError('--name NAME is needed: what the token is for.')
    const input = { name, rights: rightsOf(options), expiresInDays: daysOf(options) }
    const database = await admin.openDatabase()
    try {
      const { token, secret } = await issueApiToken(
        tokenDependencies(database),
        workspace,
        operatorIn(workspace),
        input,
      )
      const { id, expiresAt } = token
      return {
        exitCode: exitCodes.DONE,
        lines: [secret],
        notes: [
          `${beginningOf(id)}… of the workspace ${workspace.id} can be used until ${expiresAt.toISOString()}.`,
          `It may do: ${token.scopes.join(', ')}.`,
        ],
        json: { token: secret, id, name: token.name, workspace: workspace.id, scopes: token.scopes, expiresAt },
      }
    } catch (error) {
      if (error instanceof ValidationError) throw new UsageError(error.issues.map(optionIssue).join('\n'))
      if (!(error instanceof ServiceError)) throw error
      return { exitCode: exitCodes.LEFT, lines: [], notes: [error.message], json: { error: error.message } }
    }
  },
}

const optionIssue = ({ path, message }: ValidationError['issues'][number]): string =>
  `--${path === 'expiresInDays' ? 'days' : path.replace('rights.', '')}: ${message}`

function rightsOf(options: CommandOptions): ApiTokenRights {
  const role = optionText(options, 'role')
  const list = optionText(options, 'scopes')
  if ((role === null) === (list === null)) throw new UsageError('Give one of --role NAME and --scopes LIST.')
  if (role !== null) {
    if (!isRole(role)) throw new UsageError(`There is no role "${role}", but: ${Object.keys(roles).join(', ')}.`)
    return { role }
  }
  return { scopes: (list ?? '').split(',').map(scopeOf) }
}

const isRole = (name: string): name is Role => Object.hasOwn(roles, name)

function scopeOf(text: string): Scope {
  const found = scopes.find(scope => scope === text.trim())
  if (!found) throw new UsageError(`There is no scope "${text.trim()}", but: ${scopes.join(', ')}.`)
  return found
}

function daysOf(options: CommandOptions): number | null {
  const text = optionText(options, 'days')
  if (text === null) return null
  if (!/^\d{1,4}$/.test(text)) throw new UsageError('--days needs a whole number.')
  return Number(text)
}
