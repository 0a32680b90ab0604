import type { StepReport } from '../connection-test.ts'
import { failed, passed } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { isRefusal } from './refusal.ts'
import { useRoleAndAsk, useScope } from './scope.ts'
import { isRunning, lookAtWarehouse, useWarehouse, type Warehouse, warehouseEvidence } from './warehouse.ts'
import type { Work } from './work.ts'

/** Answered without a warehouse, and asked before there is one. */
const about = {
  Version: 'CURRENT_VERSION()',
  Region: 'CURRENT_REGION()',
  Organization: 'CURRENT_ORGANIZATION_NAME()',
  Account: 'CURRENT_ACCOUNT_NAME()',
  'Account locator': 'CURRENT_ACCOUNT()',
} as const

/** Role, warehouse, database and schema, each told apart. Nothing of it starts a warehouse. */
export async function openStep(work: Work, onWarehouse: (found: Warehouse) => void): Promise<StepReport> {
  const { evidence, session } = work
  await useRoleAndAsk(work)
  evidence.push(
    measuredText('Current user', session.user ?? 'unknown'),
    measuredText('Role', session.role ?? 'none'),
    measuredText('Secondary roles', 'none'),
    ...(await aboutAccount(work)),
  )
  await useWarehouse(work)
  const warehouse = await lookAtWarehouse(work)
  if (warehouse) {
    onWarehouse(warehouse)
    evidence.push(...warehouseEvidence(warehouse))
  }
  await useScope(work)
  const { database, schema } = session.config
  if (database !== undefined) evidence.push(measuredText('Database', database))
  if (schema !== undefined) evidence.push(measuredText('Schema', schema))
  if (warehouse && standsStill(warehouse) && !warehouse.resumesItself) {
    const sql = `ALTER WAREHOUSE ${quoteName(warehouse.name)} SET AUTO_RESUME = TRUE;`
    const options = {
      params: { warehouse: warehouse.name },
      fields: ['warehouse'],
      remedies: [{ kind: 'RUN_SQL', title: 'Let it start by itself', sql }] as const,
    }
    return failed(problem('WAREHOUSE_SUSPENDED', options), evidence)
  }
  return passed(evidence, noteOf(warehouse))
}

const standsStill = ({ state }: Warehouse): boolean => /^SUSPEND/.test(state)

function noteOf(warehouse: Warehouse | null): string | null {
  if (!warehouse || isRunning(warehouse)) return null
  const { name, state } = warehouse
  return standsStill(warehouse)
    ? `The warehouse ${name} is suspended, and starts by itself when a query comes.`
    : `The warehouse ${name} is ${state.toLowerCase()}.`
}

/** Not worth failing for where something stands in Snowflake's place that knows less. */
async function aboutAccount(work: Work): Promise<Evidence[]> {
  try {
    const values = await work.ask(`SELECT ${Object.values(about).join(', ')}`)
    return Object.keys(about).flatMap((label, index) => {
      const value = values[index] ?? ''
      return value === '' ? [] : [measuredText(label, value)]
    })
  } catch (error) {
    if (isRefusal(error)) return []
    throw error
  }
}
