import { defineConnector } from '../define.ts'
import { canonicalHost } from '../network/host-name.ts'
import { form } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './outcomes.ts'
import { queryForm } from './query-form.ts'
import { simulatedPlan } from './script.ts'

/** For the process to notice the end of a preview's budget before the host does. */
const previewGraceMs = 1_000

/** No data source at all: any course of events on demand, for those who build and test clients of this server. */
export const simulator = defineConnector({
  name: 'SIMULATOR',
  inputKey: 'simulator',
  version: 1,
  kind: 'GENERIC',
  category: 'DEVELOPMENT',
  label: 'Simulator',
  description: 'Any outcome of tests and previews on demand, without a data source: to build and test frontends with.',
  docsPath: 'connectors/simulator.md',
  switchedBy: 'SIMULATOR',
  keywords: ['test', 'demo', 'mock'],
  logo,
  maturity: { level: 'STABLE' },
  drivers: [],
  form,
  queryForm,
  plan: simulatedPlan,
  accounts: ({ host, port, auth }) => {
    const account = auth.password ?? auth.key
    return account ? [{ step: 'SIGN_IN', service: `${canonicalHost(host)}:${port}`, username: account.username }] : []
  },
  problems: problemCodes,
  queryBudgetMs: config => config.previewBudgetMs + previewGraceMs,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
  loadBrowse: () => import('./browse.ts'),
})
