import { z } from 'zod'
import { type ConnectorType, defineConnector } from '../../src/connectors/define.ts'
import { alternatives, defineForm, field, secret } from '../../src/connectors/form.ts'

/** What stands for a room that nobody has chosen yet. */
export const standIn = 'NOT_CHOSEN_YET'

/** A made-up type whose form fills itself in: a room has to be chosen, then shelves of it can be. */
export const shelf: ConnectorType = defineConnector({
  name: 'SHELF',
  inputKey: 'shelf',
  version: 1,
  kind: 'SPECIFIC',
  category: 'DATABASE',
  label: 'Shelf',
  description: 'A made-up type.',
  docsPath: 'shelf.md',
  keywords: [],
  logo: { color: '#000000', shape: '' },
  maturity: { level: 'STABLE' },
  drivers: [],
  problems: [],
  form: defineForm({
    fields: {
      host: field(z.string().min(1), { label: 'Host', destination: true }),
      auth: alternatives(
        {
          password: {
            label: 'Password',
            fields: {
              username: field(z.string().min(1), { label: 'User name' }),
              password: secret(z.string().min(1), { label: 'Password' }),
            },
          },
          badge: {
            label: 'Badge',
            fields: {
              token: secret(z.string().min(1), { label: 'Token' }),
              level: field(z.string().optional(), { label: 'Level', liveOptions: {} }),
            },
          },
        },
        { label: 'Sign-in' },
      ),
      room: field(z.string().regex(/^[A-Z_]+$/, 'Write it in capital letters.'), {
        label: 'Room',
        liveOptions: { standIn },
      }),
      shelf: field(z.string().optional(), { label: 'Shelf', liveOptions: { needs: ['room'] } }),
      corner: field(z.string().min(3).optional(), { label: 'Corner', liveOptions: {} }),
      books: field(z.array(z.string()).optional(), { label: 'Books', liveOptions: { needs: ['corner'] } }),
      lamps: field(z.int().default(2), { label: 'Lamps' }),
      assumesRole: field(z.boolean().default(false), { label: 'Assumes a role' }),
    },
    check: ({ corner, lamps }, report) => {
      if (corner !== undefined && lamps === 0) report(['lamps'], 'A corner needs a lamp.')
    },
  }),
  queryForm: defineForm({ fields: { book: field(z.string().min(1), { label: 'Book' }) } }),
  plan: () => [],
  accounts: ({ host, auth }) =>
    auth.password ? [{ step: 'SIGN_IN', service: host, username: auth.password.username }] : [],
  assumesRole: config => config.assumesRole,
  queryBudgetMs: () => 1_000,
  loadSteps: () => Promise.reject(new Error('Not in this process.')),
  loadQuery: () => Promise.reject(new Error('Not in this process.')),
  loadBrowse: () => Promise.reject(new Error('Not in this process.')),
})

export const shelfPassword = 'open sesame, said the shelf'

/** A whole configuration, but for what is left out of it. */
export const shelfConfig = {
  host: 'library.example',
  auth: { password: { username: 'ada', password: shelfPassword } },
  room: 'ATTIC',
}
/** As far as somebody has filled it in who can sign in. */
export const { room: _room, ...beginning } = shelfConfig

export const shelfInput = (value: unknown) => ({ inputKey: 'shelf', value })
