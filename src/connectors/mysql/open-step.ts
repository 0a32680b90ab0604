import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { quoteName } from './quote.ts'
import type { Work } from './work.ts'

const factsSql = 'SELECT DATABASE(), VERSION(), @@version_comment, @@character_set_database'
const factsShape = { database: 'text?', version: 'text', comment: 'text?', charset: 'text?' } as const

/** Those of them that the server knows: whether it is one that takes no changes. */
const readOnlySql = `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'innodb_read_only')`

/** Selects the database, which the sign-in has left out so that its faults are told apart from the account's. */
export async function openStep(work: Work, context: StepContext): Promise<StepReport> {
  const { database } = work.config
  try {
    return await work.read(context, async run => {
      if (database !== undefined) await run(`USE ${quoteName(database)}`, {})
      const [facts] = await run(factsSql, factsShape)
      if (!facts) throw new ProtocolFaultError('it did not say which database this is')
      const readOnly = (await run(readOnlySql, { name: 'text', value: 'text' })).filter(
        ({ value }) => value.toUpperCase() !== 'OFF' && value !== '0',
      )
      const role =
        readOnly.length === 0 ? 'takes changes' : `read-only (${readOnly.map(({ name }) => name).join(', ')})`
      return passed([
        measuredText('Database', facts.database ?? 'none chosen'),
        measuredText('Server version', facts.comment ? `${facts.version} (${facts.comment})` : facts.version),
        measuredText('Role', role),
        ...(facts.charset === null ? [] : [measuredText('Encoding', facts.charset)]),
      ])
    })
  } catch (error) {
    if (context.signal.aborted) throw error
    return failed(work.problemOf(error))
  }
}
