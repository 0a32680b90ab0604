import { perform } from './answer.ts'
import type { Session } from './session.ts'

const unknownVariable = 1193

/** Lets the server stop a statement by itself. Servers that are too old for it go on until they are told to stop. */
export async function limitStatements(session: Session, milliseconds: number): Promise<void> {
  const setting =
    session.flavour === 'MARIADB'
      ? `max_statement_time = ${(Math.ceil(milliseconds) / 1_000).toFixed(3)}`
      : // Of MySQL, and only for SELECT.
        `max_execution_time = ${Math.ceil(milliseconds)}`
  try {
    await perform(session, `SET SESSION ${setting}`)
  } catch (error) {
    if ((error as { errno?: unknown }).errno !== unknownVariable) throw error
  }
}
