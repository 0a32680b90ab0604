import { z } from 'zod'
import { type ConnectorType, defineConnector } from '../../../src/connectors/define.ts'
import { defineForm, field, secret } from '../../../src/connectors/form.ts'

/** A made-up type that is loaded in no time: all that matters of it are its secrets. */
export const coffer: ConnectorType = defineConnector({
  name: 'COFFER',
  inputKey: 'coffer',
  version: 1,
  kind: 'SPECIFIC',
  category: 'DATABASE',
  label: 'Coffer',
  description: 'A made-up type.',
  docsPath: 'coffer.md',
  keywords: [],
  logo: { color: '#000000', shape: '' },
  maturity: { level: 'STABLE' },
  drivers: [],
  problems: [],
  form: defineForm({
    fields: {
      host: field(z.string().min(1), { label: 'Host', destination: true }),
      note: field(z.string().optional(), { label: 'Note' }),
      password: secret(z.string().min(1).optional(), { label: 'Password' }),
      token: secret(z.string().min(1).optional(), { label: 'Token' }),
    },
  }),
  queryForm: defineForm({ fields: { coin: field(z.string().min(1), { label: 'Coin' }) } }),
  plan: () => [],
  queryBudgetMs: () => 1000,
  loadSteps: () => Promise.reject(new Error('Not in this process.')),
  loadQuery: () => Promise.reject(new Error('Not in this process.')),
})
