import type { Connection } from 'pg'

/** The server asked for the password in a way in which it must not be sent. */
export class PasswordRefusedError extends Error {
  readonly method: string

  constructor(method: string) {
    super(`The server asked for the password by the method "${method}".`)
    this.name = 'PasswordRefusedError'
    this.method = method
  }
}

/** The server let the account in by SCRAM without proving that it knows the password too. */
export class ServerProofError extends Error {
  constructor() {
    super('The server accepted the sign-in without proving that it knows the password.')
    this.name = 'ServerProofError'
  }
}

/** What `pg` has and its types leave out. */
export type DriverConnection = Connection & { startup(parameters: unknown): void; password(answer: string): void }

/** How the server had the account sign in, in the words of `pg_hba.conf`. */
export type SignInMethod = 'none' | 'password' | 'md5' | 'scram-sha-256'

export interface SignInDialogue {
  /** As far as it has come. */
  readonly method: SignInMethod
}

/**
 * Watches what the server asks for. The driver asks for the password once, keeps it and answers whatever request comes
 * next with it: a server that begins with SCRAM could then ask for it in clear text. So what leaves is judged here.
 */
export function guardSignIn(connection: DriverConnection, serverVerified: boolean): SignInDialogue {
  const dialogue: { method: SignInMethod } = { method: 'none' }
  let proved = false
  connection.on('authenticationCleartextPassword', () => {
    dialogue.method = 'password'
  })
  connection.on('authenticationMD5Password', () => {
    dialogue.method = 'md5'
  })
  connection.on('authenticationSASL', () => {
    dialogue.method = 'scram-sha-256'
  })
  connection.on('authenticationSASLFinal', () => {
    proved = true
  })
  connection.on('authenticationOk', () => {
    if (dialogue.method === 'scram-sha-256' && !proved) connection.emit('error', new ServerProofError())
  })
  const send = connection.password.bind(connection)
  // Only for clear text and MD5, whose answer can be replayed and guessed at leisure; SCRAM has its own messages.
  connection.password = answer => {
    if (serverVerified) send(answer)
    else connection.emit('error', new PasswordRefusedError(dialogue.method))
  }
  return dialogue
}
