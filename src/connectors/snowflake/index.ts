import { networkPlan, signInPlan } from '../cloud/plan.ts'
import type { PlannedStep } from '../connection-test.ts'
import { defineConnector, plannedStep } from '../define.ts'
import { accountHost } from './account.ts'
import { connectBudgetMs, queryBudgetMs, queryStepMs, signInMs } from './budgets.ts'
import { form, type SnowflakeConfig } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'
import { tokenEndpoint } from './token-endpoint.ts'

/** Snowflake, on every cloud. */
export const snowflake = defineConnector({
  name: 'SNOWFLAKE',
  inputKey: 'snowflake',
  version: 1,
  kind: 'SPECIFIC',
  category: 'WAREHOUSE',
  label: 'Snowflake',
  description: 'Snowflake on every cloud, by a key pair, a token, an OAuth client or a password.',
  docsPath: 'connectors/snowflake.md',
  keywords: ['Snowflake', 'SQL'],
  logo,
  maturity: {
    level: 'BETA',
    reason:
      'Its proofs run against a public implementation and against servers that answer as documented, not against Snowflake.',
  },
  drivers: [{ name: 'snowflake-sdk', version: '3.3.0' }],
  form,
  queryForm,
  plan: config => [
    ...wayIn(config),
    plannedStep('OPEN', 'Use role, warehouse, database and schema', { budgetMs: queryStepMs }),
    plannedStep('TOPOLOGY', 'Reach the storage of large results', { required: false }),
    plannedStep('READ', 'Read a table', { budgetMs: queryStepMs }),
    plannedStep('LEAST_PRIVILEGE', 'Check that the role may only read', { budgetMs: queryStepMs }),
  ],
  // Only wrong passwords are counted. Case does not count in login names: each spelling has not its own attempts.
  accounts: ({ account, username, auth }) =>
    auth.password ? [{ step: 'SIGN_IN', service: accountHost(account), username: username.toUpperCase() }] : [],
  needsOwnProcess: true,
  problems: problemCodes,
  queryBudgetMs,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
  loadBrowse: () => import('./browse.ts'),
})

/** A token comes first, where there is one to get: from Snowflake itself it is got on the way to it. */
function wayIn(config: SnowflakeConfig): readonly PlannedStep[] {
  const options = { connectBudgetMs: connectBudgetMs(config), signInBudgetMs: signInMs }
  const host = accountHost(config.account)
  const token = tokenEndpoint(config)
  const ownToken = token !== null && token.name !== host
  return [
    ...(ownToken ? signInPlan(token.name, 'Get an access token', options) : []),
    ...networkPlan(host, options),
    plannedStep('SIGN_IN', 'Sign in', { target: host, budgetMs: signInMs }),
  ]
}
