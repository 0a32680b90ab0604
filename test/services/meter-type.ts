import { z } from 'zod'
import { type ConnectorType, defineConnector, failed, plannedStep } from '../../src/connectors/define.ts'
import { defineForm, field, secret } from '../../src/connectors/form.ts'
import { problem } from '../../src/connectors/problem.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import type { StartTestInput } from '../../src/services/connection-tests.ts'
import type { FakeJob } from './fake-connector-host.ts'

/** A made-up type that says whom it signs in as: to a host, and to a gateway where there is one. */
export const meter: ConnectorType = defineConnector({
  name: 'METER',
  inputKey: 'meter',
  version: 1,
  kind: 'SPECIFIC',
  category: 'DATABASE',
  label: 'Meter',
  description: 'A made-up type.',
  docsPath: 'meter.md',
  keywords: [],
  logo: { color: '#000000', shape: '' },
  maturity: { level: 'STABLE' },
  drivers: [],
  form: defineForm({
    fields: {
      host: field(z.string().min(1), { label: 'Host', destination: true }),
      username: field(z.string().min(1), { label: 'User name' }),
      password: secret(z.string().min(1), { label: 'Password' }),
      gateway: field(z.string().optional(), { label: 'Gateway' }),
      budgetMs: field(z.int().default(1_000), { label: 'Time for a preview' }),
    },
  }),
  queryForm: defineForm({ fields: { sql: field(z.string(), { label: 'SQL' }) } }),
  plan: ({ gateway }) => [
    ...(gateway ? [plannedStep('TUNNEL', 'Open the tunnel')] : []),
    plannedStep('CONNECT', 'Connect to the server'),
    plannedStep('SIGN_IN', 'Sign in'),
    plannedStep('READ', 'Read something'),
  ],
  accounts: ({ host, username, gateway }) => [
    ...(gateway ? [{ step: 'TUNNEL', service: gateway, username: 'tunnel' } as const] : []),
    { step: 'SIGN_IN', service: host, username } as const,
  ],
  problems: [],
  queryBudgetMs: ({ budgetMs }) => budgetMs,
  loadSteps: () => Promise.reject(new Error('Not in this process.')),
  loadQuery: () => Promise.reject(new Error('Not in this process.')),
})

export interface MeterConfig {
  readonly host?: string
  readonly username?: string
  readonly password?: string
  readonly gateway?: string
  readonly budgetMs?: number
}

export const meterInput = (change: MeterConfig = {}) => ({
  inputKey: 'meter',
  value: { host: 'meter.example', username: 'reader', password: 'correct horse battery staple', ...change },
})

export const meterDraft = (change: MeterConfig = {}, overrides: Partial<StartTestInput> = {}): StartTestInput => ({
  target: { draft: meterInput(change) },
  mayStartCompute: false,
  lifetime: 'PINNED',
  ...overrides,
})

/** Plays a test that gets as far as a step, which fails. */
export const failAt =
  (stepId: string, code: ProblemCode) =>
  (job: FakeJob): void => {
    for (const { id } of job.job.plan) {
      if (id === stepId) break
      job.run(id)
    }
    job.run(stepId, failed(problem(code)))
    job.skipRest(stepId)
    job.complete()
  }

export const rejectCredentials = failAt('SIGN_IN', 'CREDENTIALS_REJECTED')
export const pass = (job: FakeJob): void => job.pass()
