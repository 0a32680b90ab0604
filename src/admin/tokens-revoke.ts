import { scopeOfRow } from '../db/scope-of-row.ts'
import { apiTokenPrefix, beginningOf } from '../services/api-token-text.ts'
import { revokeApiToken } from '../services/revoke-api-token.ts'
import { type Command, type CommandOptions, exitCodes, optionText, UsageError } from './command.ts'
import { operatorIn, tokenDependencies } from './token-operator.ts'

export const tokensRevoke: Command = {
  name: 'tokens:revoke',
  summary: 'Revokes an API token, of whichever workspace: for one that was found where it should not be.',
  usage: [
    `--token BEGINNING  what it begins with, up to its second underscore: ${beginningOf('AbCdEfGhIjKl')}`,
    '--json             one JSON object instead of text',
    '',
    'Servers refuse it at once, and end what it keeps open within seconds. It may be repeated.',
    'Ends with 0 when it is revoked, 1 when there is no such token.',
  ],
  options: { token: { type: 'string' } },
  async run(admin, options) {
    const id = idOf(options)
    const dependencies = tokenDependencies(await admin.openDatabase())
    const found = await dependencies.apiTokenStore.findToSignIn(id)
    if (found === null) {
      const error = `There is no API token that begins with ${beginningOf(id)}.`
      return { exitCode: exitCodes.LEFT, lines: [error], json: { error } }
    }
    const workspace = scopeOfRow(found)
    const token = await revokeApiToken(dependencies, workspace, operatorIn(workspace), id, () => true)
    const { name, revokedAt, revokedBy } = token
    const by = `${JSON.stringify(name)} of the workspace ${workspace.id}`
    return {
      exitCode: exitCodes.DONE,
      lines: [`${beginningOf(id)}, ${by}, was revoked at ${revokedAt?.toISOString()} by ${JSON.stringify(revokedBy)}.`],
      json: { id, name, workspace: workspace.id, revokedAt, revokedBy },
    }
  },
}

/** A whole token is taken too: whoever has found one has it at hand, and it is of no use from now on. */
function idOf(options: CommandOptions): string {
  const text = optionText(options, 'token') ?? ''
  const [, id] = new RegExp(`^(?:${apiTokenPrefix})?([0-9A-Za-z]{12})(?:_\\w*)?$`).exec(text) ?? []
  if (id === undefined) throw new UsageError('--token BEGINNING is needed: what the token begins with.')
  return id
}
