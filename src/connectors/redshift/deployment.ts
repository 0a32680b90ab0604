import type { StepKey } from '../connection-test.ts'
import { canonicalHost } from '../network/host-name.ts'
import type { RedshiftConfig } from './form.ts'

/** Whether it is a workgroup, which bills every query, those of its catalogue too. */
export const isServerless = ({ auth, host }: Pick<RedshiftConfig, 'auth' | 'host'>): boolean =>
  auth.iam?.deployment.serverless !== undefined ||
  /\.redshift-serverless\.amazonaws\.com(?:\.cn)?$/.test(canonicalHost(host))

/** What the first that is asked of a workgroup which had paused may take, and what comes after it. */
const wakingBudgetsMs: { readonly [K in StepKey]?: number } = { SIGN_IN: 90_000, OPEN: 90_000, READ: 30_000 }

/** What a step may take whose work a workgroup may have to wake up for; undefined where there is nothing to wait for. */
export const wakingBudgetMs = (config: RedshiftConfig, key: StepKey): number | undefined =>
  isServerless(config) ? wakingBudgetsMs[key] : undefined
