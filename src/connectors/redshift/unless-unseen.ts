import type { Run } from '../postgres-protocol/work-transaction.ts'
import type { Work } from './work.ts'

/** The answer; null when the account may not look at the view, or the server has none, of which `unseen` is told. */
export async function unlessUnseen<T>(
  work: Work,
  view: string,
  unseen: string[],
  ask: (run: Run) => Promise<T>,
): Promise<T | null> {
  try {
    return await work.read(ask)
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    // Insufficient rights, an undefined table or column: all else is a fault.
    if (work.signal.aborted || work.isBroken || !['42501', '42P01', '42703'].includes(String(code))) throw error
    unseen.push(view)
    return null
  }
}
