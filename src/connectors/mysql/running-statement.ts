import { ask } from './answer.ts'
import type { Session } from './session.ts'

/** Where servers cut a statement off that they list. */
const maxListed = 60_000

/**
 * Whether `connectionId` is, on the server that `session` has reached, a connection that runs `statement`. Behind a proxy
 * it may be somebody else's: the proxy has numbers of its own, or has led this session to another server than the first.
 */
export async function isRunning(session: Session, connectionId: number, statement: string): Promise<boolean> {
  const [row] = await ask(session, `SELECT INFO FROM information_schema.PROCESSLIST WHERE ID = ${connectionId}`, {
    statement: 'text?',
  })
  const text = row?.statement ?? ''
  const [listed, expected] = [bare(text), bare(statement)]
  return listed !== '' && (listed === expected || (text.length > maxListed && expected.startsWith(listed)))
}

/** Without spaces, of which servers leave some out, and without what is not ASCII, for which some list question marks. */
const bare = (statement: string): string => statement.replaceAll(/[^!->@-~]/g, '')
