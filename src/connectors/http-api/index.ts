import { networkPlan, signInPlan } from '../cloud/plan.ts'
import { defineConnector, plannedStep } from '../define.ts'
import { endpointsOf } from './endpoints.ts'
import { connectBudgetMs, form, type HttpApiConfig } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

/** Answers may be much longer than the rows that are taken out of them; the form limits them by itself. */
const maxQueryWireBytes = 2 ** 30

const requestMs = ({ limits }: HttpApiConfig): number => limits.requestTimeoutSeconds * 1_000

/** Of the test's request, as short as a title has to be. Parameters may be keys. */
const pathOf = ({ probe }: HttpApiConfig): string => (probe.path.split('?')[0] ?? '').slice(0, 100)

/** Any API that answers in JSON over HTTP. */
export const httpApi = defineConnector({
  name: 'HTTP_API',
  inputKey: 'httpApi',
  version: 1,
  kind: 'GENERIC',
  category: 'API',
  label: 'HTTP API',
  description:
    'Any API that answers in JSON over HTTP, with keys, tokens or OAuth, and with its own way of giving out pages.',
  docsPath: 'connectors/http-api.md',
  keywords: ['REST', 'JSON', 'web service', 'OAuth', 'GraphQL over POST', 'SaaS'],
  logo,
  maturity: { level: 'STABLE' },
  drivers: [],
  form,
  queryForm,
  plan: config => {
    const options = { connectBudgetMs: connectBudgetMs(config) }
    const { api, token } = endpointsOf(config)
    return [
      ...(token === null ? [] : signInPlan(token, 'Get a token', options)),
      ...networkPlan(api, options),
      plannedStep('READ', `Ask for ${pathOf(config)} and check the answer`, { budgetMs: requestMs(config) + 1_000 }),
    ]
  },
  problems: problemCodes,
  maxQueryWireBytes,
  queryBudgetMs: config => 4 * connectBudgetMs(config) + 600_000 + 30_000,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
})
