import { z } from 'zod'
import { setting } from './config-setting.ts'
import { isLoopbackHost } from './loopback-host.ts'

/** How callers can be recognised: not at all, by JSON Web Tokens of an identity provider, by API tokens. */
export const authModes = ['none', 'jwt', 'tokens'] as const
export type AuthMode = (typeof authModes)[number]

const isMode = (text: string): text is AuthMode => authModes.some(mode => mode === text)

export const authSettings = {
  auth: setting({
    name: 'AUTH',
    description:
      'How callers are recognised, comma-separated: `tokens` by API tokens of Patchbay, `jwt` by JSON Web Tokens of an identity provider (`JWT_…`), `none` not at all: whoever brings no credential may do everything in the workspace `default`. `none` is for development on loopback only.',
    default: { development: 'none', production: null },
    example: 'tokens, jwt',
    schema: z
      .string({
        error:
          'is not set. Give "tokens" for API tokens (npm run tokens:create makes the first one), "jwt" for JSON Web Tokens of an identity provider, or both',
      })
      .transform((value, context): readonly AuthMode[] => {
        const entries = value.split(',').flatMap(entry => entry.trim() || [])
        const modes = new Set<AuthMode>()
        for (const entry of entries) {
          if (isMode(entry)) modes.add(entry)
          else context.addIssue({ code: 'custom', message: `has the entry "${entry}", and can have ${choices}` })
        }
        if (entries.length === 0) context.addIssue({ code: 'custom', message: `must have at least one of ${choices}` })
        return Object.freeze([...modes])
      }),
  }),
}

const choices = authModes.join(', ')

interface AuthValues {
  readonly auth: readonly AuthMode[] | undefined
  readonly host: string | undefined
}

/** What is wrong about letting in whoever comes. */
export function authMistakes({ auth, host }: AuthValues, production: boolean): readonly string[] {
  if (!auth?.includes('none')) return []
  const mistakes: string[] = []
  if (production) {
    mistakes.push(
      'AUTH has "none", with which whoever reaches the server may do everything. Production needs "tokens", "jwt", or both.',
    )
  }
  if (typeof host === 'string' && !isLoopbackHost(host)) {
    mistakes.push(
      `HOST is "${host}", which other machines can reach, but with "none" in AUTH whoever reaches the server may do everything. Use 127.0.0.1, or AUTH=tokens.`,
    )
  }
  return mistakes
}
