import type { ApiTokenRights, CreatedApiToken } from '../services/api-tokens.ts'
import { ApiTokensOffError, LimitReachedError, NotFoundError, ValidationError } from '../services/errors.ts'
import { defaultTokenDays, maxActiveTokens, maxTokenDays, maxTokenNameLength } from '../services/issue-api-token.ts'
import type { Role } from '../services/roles.ts'
import type { Scope } from '../services/viewer.ts'
import type { Builder } from './builder.ts'
import { toApiTokenId } from './connector-ref.ts'
import type { SchemaParts } from './nouns.ts'

export function defineApiTokenMutations(parts: SchemaParts): void {
  defineCreate(parts)
  defineRevoke(parts)
}

const roleDescriptions: Record<Uppercase<Role>, string> = {
  READER: 'Sees connectors and datasets.',
  ANALYST: 'As a reader, and previews, creates and changes datasets.',
  EDITOR: 'As an analyst, and creates, changes, tests and deletes connectors, and deletes datasets.',
  AUDITOR: 'Reads the audit log.',
  ADMIN: 'May do everything.',
}

const defineRole = (builder: Builder) =>
  builder.enumType('ViewerRole', {
    description: 'A name for several scopes that often go together.',
    // Roles have the same names in small letters.
    values: Object.fromEntries(
      Object.entries(roleDescriptions).map(([name, description]) => [name, { description, value: name.toLowerCase() }]),
    ) as Record<string, { readonly description: string; readonly value: Role }>,
  })

function defineCreate({ builder, nouns, viewerScope }: SchemaParts): void {
  const role = defineRole(builder)
  const rights = builder.inputType('ApiTokenRights', {
    description:
      'What whoever uses an API token may do, given in one of two ways. Nobody can give what they do not have.',
    isOneOf: true,
    fields: t => ({
      role: t.field({
        type: role,
        required: false,
        description: 'By the name of a role: the scopes that it has now, whatever becomes of it later.',
      }),
      scopes: t.field({ type: [viewerScope], required: false, description: 'Scope by scope.' }),
    }),
  })
  const input = builder.inputType('CreateApiTokenInput', {
    description: 'What to create.',
    fields: t => ({
      name: t.string({
        description: `What it is for, in up to ${maxTokenNameLength} characters. Also the name under which it acts.`,
      }),
      rights: t.field({ type: rights, description: 'What whoever uses it may do.' }),
      expiresInDays: t.int({
        defaultValue: defaultTokenDays,
        description: `After how many days its time is over, from 1 to ${maxTokenDays}.`,
      }),
    }),
  })
  const success = builder.objectRef<CreatedApiToken>('CreateApiTokenSuccess').implement({
    description: 'The API token was created.',
    fields: t => ({
      token: t.field({
        type: nouns.apiToken,
        description: 'What is known of it from now on.',
        resolve: ({ token }) => token,
      }),
      secret: t.exposeString('secret', {
        description: 'The token itself, for `Authorization: Bearer …`. It is shown this once and kept nowhere.',
      }),
    }),
  })
  builder.mutationField('createApiToken', t =>
    t.field({
      type: success,
      description: `Creates an API token of this workspace, which can have up to ${maxActiveTokens} that can be used. Asking again creates another one.`,
      authScopes: { scope: 'tokens:manage' },
      extensions: { postOnly: true },
      args: { input: t.arg({ type: input, description: 'What to create.' }) },
      errors: {
        types: [ValidationError, LimitReachedError, ApiTokensOffError],
        directResult: true,
        union: { description: 'What `createApiToken` answers.' },
      },
      resolve: (_root, { input: { name, rights, expiresInDays } }, { services, viewer }) =>
        services.apiTokens.create(viewer, { name, rights: toRights(rights), expiresInDays }),
    }),
  )
}

/** Exactly one of the two was given. */
const toRights = ({ role, scopes }: RightsInput): ApiTokenRights => (role == null ? { scopes: scopes ?? [] } : { role })

interface RightsInput {
  readonly role?: Role | null | undefined
  readonly scopes?: readonly Scope[] | null | undefined
}

function defineRevoke({ builder, nouns }: SchemaParts): void {
  const input = builder.inputType('RevokeApiTokenInput', {
    description: 'What to revoke.',
    fields: t => ({ id: t.id({ description: 'Which API token.' }) }),
  })
  builder.mutationField('revokeApiToken', t =>
    t.field({
      type: nouns.apiToken,
      description:
        'Revokes an API token: it is refused from now on, and what it keeps open ends within seconds. One that was revoked before stays as it is.',
      authScopes: { scope: 'tokens:manage' },
      args: { input: t.arg({ type: input, description: 'What to revoke.' }) },
      errors: {
        types: [NotFoundError],
        union: { description: 'What `revokeApiToken` answers.' },
        result: { description: 'The API token is revoked.' },
        dataField: { name: 'token', description: 'The token as it is now.' },
      },
      resolve: (_root, { input }, { services, viewer }) => services.apiTokens.revoke(viewer, toApiTokenId(input.id)),
    }),
  )
}
