import type { Problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import type { Lister } from './list-in-session.ts'
import { quoteName, quoteText } from './quote.ts'

/**
 * Views and tables that the server cannot open, or does not let the account read, with its reason: what a view is made of
 * is gone, or the account in whose name it reads. Found by having the server prepare a statement over them, which looks
 * at all that and reads nothing: over all of them at first, and over halves of them only where that fails.
 */
export async function unusableTables(
  lister: Lister,
  database: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Problem>> {
  const [name, second] = names
  if (name === undefined || performance.now() > lister.extrasUntil) return new Map()
  const problem = await preparing(lister, database, names)
  if (!problem) return new Map()
  if (second === undefined) return new Map([[name, problem]])
  const middle = Math.ceil(names.length / 2)
  return new Map([
    ...(await unusableTables(lister, database, names.slice(0, middle))),
    ...(await unusableTables(lister, database, names.slice(middle))),
  ])
}

/** Why a statement over all of these cannot be made ready; null when it can. */
export async function preparing(
  { run, work }: Lister,
  database: string,
  names: readonly string[],
): Promise<Problem | null> {
  const text = names.map(name => `SELECT 1 FROM ${quoteName(database)}.${quoteName(name)}`).join(' UNION ALL ')
  try {
    await run(`SET @patchbay = ${quoteText(text)}`, {})
    await run('PREPARE patchbay FROM @patchbay', {})
    await run('DEALLOCATE PREPARE patchbay', {})
    return null
  } catch (error) {
    if (work.failure || error instanceof ProtocolFaultError || !isRefusal(error)) throw error
    return work.problemOf(error, 'CATALOG')
  }
}

/** The server's own word, and not that a signal has aborted. */
const isRefusal = (error: unknown): boolean => Number((error as { errno?: unknown } | null)?.errno) > 0
