import { defineConnector } from '../define.ts'
import { signInAccounts } from './credentials.ts'
import { form } from './form.ts'
import { logo } from './logo.ts'
import { openingBudgetMs, plan } from './plan.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

/** MongoDB and servers that speak its protocol. */
export const mongodb = defineConnector({
  name: 'MONGODB',
  inputKey: 'mongodb',
  version: 1,
  kind: 'SPECIFIC',
  category: 'DATABASE',
  label: 'MongoDB',
  description: 'MongoDB, standalone, as a replica set or sharded, and services that speak its protocol, such as Atlas.',
  docsPath: 'connectors/mongodb.md',
  keywords: ['MongoDB', 'Atlas', 'DocumentDB', 'Cosmos DB', 'FerretDB', 'NoSQL', 'documents'],
  logo,
  maturity: { level: 'STABLE' },
  drivers: [{ name: 'mongodb', version: '7.9.0' }],
  form,
  queryForm,
  plan,
  accounts: signInAccounts,
  problems: problemCodes,
  queryBudgetMs: config => openingBudgetMs(config) + config.limits.statementTimeoutSeconds * 1_000 + 10_000,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
  loadBrowse: () => import('./browse.ts'),
})
