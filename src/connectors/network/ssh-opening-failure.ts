import { cleanText } from '../problem.ts'
import { disagreement } from './ssh-algorithms.ts'
import type { SshFailure } from './ssh-failure.ts'
import type { SshSignIn } from './ssh-sign-in.ts'
import { type SshTransport, SshTransportError } from './ssh-transport.ts'

/** RFC 4250 section 4.2.2: the reasons for hanging up that are about the account. */
const accountReasons = [14, 15]

/** An error's message, of which the server may have chosen every word. */
export const wordsOf = (error: Error): string => cleanText(error.message, 300)

/** Why there is no connection, by what ssh2 said before the sign-in was over. */
export function openingFailure(
  error: Error & { code?: unknown; level?: string },
  signIn: SshSignIn,
  transport: SshTransport,
): SshFailure {
  if (error instanceof SshTransportError) return error.fault
  const about = transport.offer ? disagreement(transport.offer) : null
  if (about) return { kind: 'DISAGREEMENT', about }
  if (error.level === 'client-authentication' && signIn.tried) {
    return { kind: 'METHOD_UNSUPPORTED', offered: [signIn.method], detail: wordsOf(error) }
  }
  // A number is the reason that the server gave for hanging up.
  if (typeof error.code === 'number') {
    const aboutAccount = accountReasons.includes(error.code) || /authentication fail/i.test(error.message)
    if (signIn.tried && aboutAccount) return { kind: 'CREDENTIALS_REJECTED', detail: wordsOf(error) }
    return { kind: 'CLOSED', detail: `The SSH server said: ${wordsOf(error)}` }
  }
  return { kind: 'HANDSHAKE', detail: wordsOf(error) }
}
