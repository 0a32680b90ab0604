import type { QueryOutcome } from '../../../src/connectors/define.ts'
import type { ConnectorHost, TestOutcome } from '../../../src/connectors/host/connector-host.ts'
import { postgres } from '../../../src/connectors/postgres/index.ts'
import { hostTypeQuery, hostTypeTest } from '../../servers/type-host.ts'
import type { Reports, RunOptions } from '../../servers/type-run.ts'

export interface HostedTest {
  readonly outcome: TestOutcome
  readonly reports: Reports
}

/** Runs a test in a child. The deadline is that of the program: the budgets of all steps together, and a little. */
export async function hostTest(
  host: ConnectorHost,
  input: unknown,
  budgetsMs: RunOptions['budgetsMs'] = {},
): Promise<HostedTest> {
  const { outcome, reports } = await hostTypeTest(host, postgres, input, { budgetsMs })
  // No step of it repeats: the ids are the keys.
  return { outcome, reports: reports as Reports }
}

/** Runs a preview in a child. */
export const hostQuery = (host: ConnectorHost, input: unknown, text = 'select n from numbers'): Promise<QueryOutcome> =>
  hostTypeQuery(host, postgres, input, { sql: { text } })
