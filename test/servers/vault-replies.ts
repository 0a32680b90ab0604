import { randomUUID } from 'node:crypto'

/** What Vault answers. Without a body: 204, and what answers to HEAD. */
export interface VaultReply {
  readonly status: number
  readonly body?: object
  /** In the place of JSON. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Refuses a request in Vault's words. */
export class VaultRefusal extends Error {
  readonly reply: VaultReply
  constructor(status: number, ...errors: readonly string[]) {
    super(errors.join('; '))
    this.name = 'VaultRefusal'
    this.reply = refused(status, ...errors)
  }
}

export const done: VaultReply = { status: 204 }

export const refused = (status: number, ...errors: readonly string[]): VaultReply => ({ status, body: { errors } })

/** What requests with a token are refused with: Vault collects errors, even a single one. */
export const collected = (error: string): string => `1 error occurred:\n\t* ${error}\n\n`

const envelope = { lease_id: '', renewable: false, lease_duration: 0, data: null, wrap_info: null, warnings: null }

export const answered = (data: object, status = 200): VaultReply => ({
  status,
  body: { request_id: randomUUID(), ...envelope, data, auth: null },
})

/** The answer to what makes a token. */
export const signedIn = (auth: object): VaultReply => ({
  status: 200,
  body: { request_id: randomUUID(), ...envelope, auth },
})

export const nothingThere: VaultReply = refused(404)
export const unsupported = (): never => {
  throw new VaultRefusal(405, collected('unsupported operation'))
}
