import type { EventEmitter } from 'node:events'
import type { Connection } from 'pg'
import { ProtocolFaultError } from '../session/protocol-fault.ts'

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

/** The server wants the account to sign in by a method that this connector does not have. */
export class UnsupportedMethodError extends Error {
  readonly method: string

  constructor(method: string) {
    super(`The server asked for a sign-in by the method "${method}".`)
    this.name = 'UnsupportedMethodError'
    this.method = method
  }
}

/** What `pg` has and its types leave out. */
export type DriverConnection = Connection & {
  startup(parameters: unknown): void
  password(answer: string): void
  attachListeners(stream: EventEmitter): void
}

/** How the server had the account sign in, in the words of `pg_hba.conf`. */
export type SignInMethod = 'none' | 'password' | 'md5' | 'scram-sha-256'

export interface SignInDialogue {
  /** As far as it has come. */
  readonly method: SignInMethod
}

export interface SignInTerms {
  /** Whether the server has proved who it is, so that it may see the password itself. */
  readonly serverVerified: boolean
  readonly hasPassword: boolean
}

/**
 * Watches what the server asks for. The driver asks for the password once, keeps it and answers whatever request comes
 * next with it: a server that begins with SCRAM could then ask for it in clear text. So what leaves is judged here.
 */
export function guardSignIn(
  connection: DriverConnection,
  { serverVerified, hasPassword }: SignInTerms,
): SignInDialogue {
  const dialogue: { method: SignInMethod } = { method: 'none' }
  let scramAsked = false
  let proved = false
  let refused = false
  let sent = false
  // Only for clear text and MD5, whose answer can be replayed and guessed at leisure; SCRAM has its own messages.
  const judgeRequest = (method: SignInMethod) => {
    dialogue.method = method
    if (serverVerified && !scramAsked) return
    refused = true
    // Without a password there is nothing to refuse: the method itself is what cannot be used.
    if (hasPassword)
      connection.emit('error', serverVerified ? new ProtocolFaultError(askedTwice) : new PasswordRefusedError(method))
  }
  connection.on('authenticationCleartextPassword', () => judgeRequest('password'))
  connection.on('authenticationMD5Password', () => judgeRequest('md5'))
  connection.on('authenticationSASL', ({ mechanisms }: { mechanisms: readonly string[] }) => {
    dialogue.method = 'scram-sha-256'
    scramAsked = true
    if (!mechanisms.includes('SCRAM-SHA-256')) connection.emit('error', new UnsupportedMethodError(namesOf(mechanisms)))
  })
  connection.on('authenticationSASLFinal', () => {
    proved = true
  })
  connection.on('authenticationOk', () => {
    if (scramAsked && !proved) connection.emit('error', new ServerProofError())
    // It has not waited for the answer, so it has not looked at it.
    else if (!scramAsked && !sent) dialogue.method = 'none'
  })
  const send = connection.password.bind(connection)
  connection.password = answer => {
    if (refused) return
    sent = true
    send(answer)
  }
  return dialogue
}

const askedTwice = 'it asked for the password in another way after it had asked for it by SCRAM'

/** As far as they are names: the server chose them. */
function namesOf(mechanisms: readonly string[]): string {
  const names = mechanisms.filter(name => /^[A-Z0-9_-]{1,20}$/.test(name)).slice(0, 5)
  return names.length === 0 ? 'SASL without a usable mechanism' : names.join(', ')
}
