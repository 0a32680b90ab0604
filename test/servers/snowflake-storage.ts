import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Certificate } from './certificates.ts'
import { HttpDouble } from './http-double.ts'
import { type HttpMisbehaviour, misbehave } from './http-misbehaviour.ts'

export interface StorageRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

export interface SnowflakeStorageOptions {
  readonly certificate?: Certificate
  /** In the place of an object. `nth`: which one is asked for, from 1. */
  readonly at?: HttpMisbehaviour | ((nth: number) => HttpMisbehaviour | undefined)
  /** What becomes of an object's text before it is sent. */
  readonly changes?: (body: string) => string
  /** The name that URLs of objects have in place of the address. */
  readonly host?: string
}

/** The object storage that parts of large results are fetched from: each by a URL that is signed, and with the result's key. */
export class SnowflakeStorage extends HttpDouble {
  readonly #options: SnowflakeStorageOptions
  readonly #objects = new Map<string, { readonly body: () => string; readonly key: string }>()
  readonly requests: StorageRequest[] = []
  /** Objects that were sent whole. */
  fetched = 0

  private constructor(options: SnowflakeStorageOptions) {
    super(options.certificate)
    this.#options = options
  }

  static start(options: SnowflakeStorageOptions = {}): Promise<SnowflakeStorage> {
    return new SnowflakeStorage(options).listen()
  }

  /** Without scheme and port, as SYSTEM$ALLOWLIST names it. */
  get host(): string {
    return this.#options.host ?? '127.0.0.1'
  }

  /** Keeps an object that is made when it is asked for, and answers its URL. `key`: what whoever fetches it must know. */
  put(key: string, body: () => string): string {
    const path = `/results/${randomBytes(8).toString('hex')}_0/main/data_0?X-Amz-Expires=21600&X-Amz-Signature=${randomBytes(16).toString('hex')}`
    this.#objects.set(path, { body, key })
    return `${this.url.replace('127.0.0.1', this.host)}${path}`
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    this.requests.push({ path, headers: request.headers })
    const planned = this.#options.at
    const misbehaviour = typeof planned === 'function' ? planned(this.requests.length) : planned
    if (misbehaviour) return misbehave(misbehaviour, response)
    const object = this.#objects.get(path)
    const hasKey = request.headers['x-amz-server-side-encryption-customer-key'] === object?.key
    const isEncrypted = request.headers['x-amz-server-side-encryption-customer-algorithm'] === 'AES256'
    if (!object || !hasKey || !isEncrypted || request.headers.authorization !== undefined) {
      const error =
        '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
      response.writeHead(403, { 'content-type': 'application/xml' }).end(error)
      return
    }
    const body = this.#options.changes?.(object.body()) ?? object.body()
    response.writeHead(200, { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' })
    response.end(gzipSync(body, { level: 1 }), () => {
      this.fetched += 1
    })
  }
}
