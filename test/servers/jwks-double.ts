import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Certificate } from './certificates.ts'
import { HttpDouble } from './http-double.ts'
import { type HttpMisbehaviour, misbehave } from './http-misbehaviour.ts'

/** The public keys of an identity provider, which can be exchanged, and what such a server does instead of giving them. */
export class JwksDouble extends HttpDouble {
  /** Paths of all requests. */
  readonly requests: string[] = []
  #keys: readonly object[]
  #instead: HttpMisbehaviour | null = null
  #gate: Promise<void> | null = null

  private constructor(keys: readonly object[], certificate: Certificate | undefined) {
    super(certificate)
    this.#keys = keys
  }

  static start(keys: readonly object[], certificate?: Certificate): Promise<JwksDouble> {
    return new JwksDouble(keys, certificate).listen()
  }

  get keysUrl(): string {
    return `${this.url}/jwks?tenant=north`
  }

  /** From the next request on: one that is held has the keys of when it came. */
  publish(...keys: readonly object[]): void {
    this.#keys = keys
  }

  /** Null for its keys again. */
  misbehave(how: HttpMisbehaviour | null): void {
    this.#instead = how
  }

  /** Requests get no answer until the function that it returns is called. */
  hold(): () => void {
    const gate = Promise.withResolvers<void>()
    this.#gate = gate.promise
    return () => {
      this.#gate = null
      gate.resolve()
    }
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request.url ?? '')
    const keys = this.#keys
    await this.#gate
    if (this.#instead !== null) return misbehave(this.#instead, response)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
  }
}
