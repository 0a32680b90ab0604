import { z } from 'zod'
import { setting } from './config-setting.ts'

/** Who may read the schema from the server: everybody, nobody, or viewers with the scope `workspace:admin`. */
export type IntrospectionPolicy = 'true' | 'false' | 'admin'

const words: Readonly<Record<string, IntrospectionPolicy>> = {
  true: 'true',
  '1': 'true',
  yes: 'true',
  on: 'true',
  false: 'false',
  '0': 'false',
  no: 'false',
  off: 'false',
  admin: 'admin',
}

export const introspectionSettings = {
  introspection: setting({
    name: 'INTROSPECTION',
    description:
      'Whether the schema can be read from the server, which GraphiQL needs: `true`, `false`, or `admin` for callers with the scope `workspace:admin` alone. Unless it is `true`, messages suggest no names, and hide those that a request does not have itself.',
    default: { development: 'true', production: 'false' },
    example: 'admin',
    schema: z.string({ error: 'must be true, false or admin' }).transform((value, context): IntrospectionPolicy => {
      const policy = Object.hasOwn(words, value) ? words[value] : undefined
      if (policy === undefined) context.addIssue({ code: 'custom', message: 'must be true, false or admin' })
      return policy ?? 'false'
    }),
  }),
}
