import { createHash } from 'node:crypto'
import { Binary, type Document } from 'mongodb'
import { type ScramDigest, ScramServer } from './hostile-postgres-scram.ts'
import { MongoRefusal } from './mongo-documents.ts'
import type { MongoPrivilege, MongoRole } from './mongo-roles.ts'

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-1'

export interface MongoAccount {
  /** For X.509 the subject of its certificate, in the database `$external`. */
  readonly username: string
  readonly password?: string
  /** Where it was created: `admin` unless said otherwise. */
  readonly database?: string
  /** Both unless said otherwise. */
  readonly mechanisms?: readonly ScramMechanism[]
  readonly roles?: readonly MongoRole[]
  /** Beside those of its built-in roles. */
  readonly privileges?: readonly MongoPrivilege[]
}

/** Somebody has tried to sign in, as far as a server would count it. */
export interface SignInAttempt {
  readonly username: string
  readonly mechanism: string
  readonly accepted: boolean
}

const digests: Readonly<Record<ScramMechanism, ScramDigest>> = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-1': 'sha1' }
export const bothMechanisms = Object.keys(digests) as readonly ScramMechanism[]
const authenticationFailed = () => new MongoRefusal(18, 'AuthenticationFailed', 'Authentication failed.')

export interface SignInOptions {
  readonly accounts: readonly MongoAccount[]
  readonly iterations?: number | undefined
  readonly record: (attempt: SignInAttempt) => void
  /** Of the client's certificate. */
  readonly subject: () => string | null
}

/** The server's side of signing in on one connection. */
export class MongoSignIn {
  /** Who has signed in. */
  account: MongoAccount | null = null
  readonly #options: SignInOptions
  #conversation: { readonly account: MongoAccount; readonly scram: ScramServer; readonly mechanism: string } | null =
    null

  constructor(options: SignInOptions) {
    this.#options = options
  }

  mechanismsOf(name: string): readonly string[] | undefined {
    const account = this.#options.accounts.find(each => `${databaseOf(each)}.${each.username}` === name)
    return account && (account.mechanisms ?? bothMechanisms)
  }

  /** What a hello answers to the sign-in that came along with it: nothing when it would fail. */
  speculate(command: Document): Document | undefined {
    const database = String(command['db'] ?? '$external')
    try {
      if (command['saslStart']) return this.start(command, database, false)
      if (!this.#options.accounts.some(each => each.username === this.#options.subject())) return undefined
      return this.authenticate(command)
    } catch (error) {
      if (error instanceof MongoRefusal) return undefined
      throw error
    }
  }

  /** SaslStart. Throws `MongoRefusal`; a real attempt is noted when it fails. */
  start(command: Document, database: string, isAttempt = true): Document {
    const mechanism = String(command['mechanism'])
    const digest = (digests as Readonly<Record<string, ScramDigest>>)[mechanism]
    if (digest === undefined) {
      throw new MongoRefusal(
        334,
        'MechanismUnavailable',
        `Received authentication for mechanism ${mechanism} which is not enabled`,
      )
    }
    const clientFirst = textOf(command['payload'])
    const username = decodeName(/n=([^,]*)/.exec(clientFirst.slice(2))?.[1] ?? '')
    const account = this.#options.accounts.find(each => each.username === username && databaseOf(each) === database)
    if (!account || !(account.mechanisms ?? bothMechanisms).some(each => each === mechanism)) {
      if (isAttempt) this.#options.record({ username, mechanism, accepted: false })
      throw authenticationFailed()
    }
    const scram = new ScramServer(storedPassword(account, digest), this.#options.iterations ?? 4_096, digest)
    this.#conversation = { account, scram, mechanism }
    return { conversationId: 1, done: false, payload: binary(scram.answerFirst(clientFirst)), ok: 1 }
  }

  /** SaslContinue. Throws `MongoRefusal`. */
  continue(command: Document): Document {
    const conversation = this.#conversation
    if (!conversation) throw new MongoRefusal(17, 'ProtocolError', 'No SASL session state found')
    this.#conversation = null
    const { account, scram, mechanism } = conversation
    const proof = scram.answerFinal(textOf(command['payload']))
    this.#options.record({ username: account.username, mechanism, accepted: proof !== null })
    if (proof === null) throw authenticationFailed()
    this.account = account
    return { conversationId: 1, done: true, payload: binary(proof), ok: 1 }
  }

  /** Authenticate by X.509. Throws `MongoRefusal`. */
  authenticate(command: Document): Document {
    const subject = this.#options.subject()
    const mechanism = String(command['mechanism'])
    if (subject === null) {
      this.#options.record({ username: '', mechanism, accepted: false })
      throw new MongoRefusal(18, 'AuthenticationFailed', 'No verified subject name available from client')
    }
    const account = this.#options.accounts.find(each => each.username === subject && databaseOf(each) === '$external')
    this.#options.record({ username: subject, mechanism, accepted: account !== undefined })
    if (!account || (command['user'] !== undefined && command['user'] !== subject)) throw authenticationFailed()
    this.account = account
    return { dbname: '$external', user: subject, ok: 1 }
  }
}

export const databaseOf = ({ database = 'admin' }: MongoAccount): string => database

const storedPassword = ({ username, password = '' }: MongoAccount, digest: ScramDigest): string =>
  digest === 'sha256'
    ? password.normalize('NFKC')
    : createHash('md5').update(`${username}:mongo:${password}`).digest('hex')

const decodeName = (name: string) => name.replaceAll('=2C', ',').replaceAll('=3D', '=')
const binary = (text: string) => new Binary(Buffer.from(text))
const textOf = (payload: unknown): string =>
  Buffer.from(payload instanceof Binary ? payload.buffer : (payload as Uint8Array)).toString()
