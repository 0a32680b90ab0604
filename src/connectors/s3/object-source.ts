import { setTimeout as delay } from 'node:timers/promises'
import type { AwsCallError } from '../aws/service.ts'
import type { FileSource } from '../files/file-source.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import type { Bucket } from './bucket.ts'
import type { ObjectAnswer } from './object-answer.ts'
import { chunksOf, untilBegun } from './object-chunks.ts'
import { changedMeanwhile } from './problems.ts'

/** An object whose content is wanted, as it was when it was found. */
export interface FoundObject {
  readonly key: string
  readonly size: number
  readonly etag: string | null
  /** The field in which somebody has typed its key, if nobody has listed it. */
  readonly keyField: string | null
}

/** How often a transfer that was cut is taken up again where it broke. */
const maxResumptions = 4
/** Before the first of them; twice as long before each that follows. */
const resumePauseMs = 200

/** What a server that takes no notice of ranges may send in vain before what is wanted. */
const maxBytesInVain = 8 * 1_048_576

const cutShort = () => Object.assign(new Error('The object was cut.'), { code: 'ECONNRESET' })

/** An object as a file. What it throws are `AwsCallError`s, and the reasons of signals. */
export class ObjectSource implements FileSource {
  readonly name: string
  readonly size: number
  readonly #object: FoundObject
  readonly #bucket: Bucket
  readonly #idleMs: number
  /** Which version it is: as it was listed, or else as the first answer says. */
  #etag: string | null

  /** `idleMs`: how long an answer, or more of it, is waited for. */
  constructor(bucket: Bucket, object: FoundObject, idleMs: number) {
    this.name = object.key
    this.size = object.size
    this.#object = object
    this.#bucket = bucket
    this.#idleMs = idleMs
    this.#etag = object.etag
  }

  async *stream(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let at = 0
    for (let resumed = 0; at < this.size; resumed += 1) {
      try {
        for await (const chunk of this.#from(at, signal)) {
          at += chunk.length
          yield chunk
        }
      } catch (error) {
        signal.throwIfAborted()
        const failure = this.#bucket.failure(error, this.name, this.#idleMs)
        if (!this.#mayResume(failure, resumed)) throw failure
        await delay(resumePauseMs * 2 ** resumed, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    }
  }

  async read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    if (end <= start) return new Uint8Array(0)
    const { key } = this.#object
    try {
      const answer = await this.#get({ first: start, last: end - 1 }, signal)
      return await this.#cut(answer, start, end, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw this.#bucket.failure(error, key, this.#idleMs)
    }
  }

  /** Only what is known to be the same object can be put together of pieces. */
  #mayResume({ problem }: AwsCallError, resumed: number): boolean {
    return problem.code === 'CONNECTION_RESET' && this.#etag !== null && resumed < maxResumptions
  }

  /** Everything from a byte on, in one transfer. Throws for one that ends too early, or does not end. */
  async *#from(at: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const answer = await this.#get(at === 0 ? null : { first: at }, signal)
    const wanted = this.size - at
    let received = 0
    for await (const chunk of this.#skipTo(answer, at, signal)) {
      received += chunk.length
      if (received > wanted) throw new ProtocolFaultError('it sends more of an object than there is')
      yield chunk
    }
    if (received < wanted) throw cutShort()
  }

  /** The answer without what stands in it before byte `at`. */
  async *#skipTo(answer: ObjectAnswer, at: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let toSkip = at - answer.start
    if (toSkip > maxBytesInVain) {
      answer.body.destroy()
      throw new ProtocolFaultError('it gives whole objects where parts of them are asked for')
    }
    for await (const chunk of chunksOf(answer.body, { signal, idleMs: this.#idleMs })) {
      if (toSkip < chunk.length) yield toSkip === 0 ? chunk : chunk.subarray(toSkip)
      toSkip = Math.max(0, toSkip - chunk.length)
    }
  }

  async #cut(answer: ObjectAnswer, start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    const part = Buffer.allocUnsafeSlow(end - start)
    // Read to its end, an answer leaves a connection that can be used again.
    const isExact = answer.start === start && answer.length === part.length
    let filled = 0
    for await (const chunk of this.#skipTo(answer, start, signal)) {
      const wanted = chunk.subarray(0, part.length - filled)
      part.set(wanted, filled)
      filled += wanted.length
      if (filled === part.length && (!isExact || wanted.length < chunk.length)) break
    }
    if (filled < part.length) throw cutShort()
    return part
  }

  async #get(range: { readonly first: number; readonly last?: number } | null, signal: AbortSignal) {
    const { key, keyField } = this.#object
    const answer = await this.#bucket.get(
      { key, keyField, etag: this.#etag, ...(range && { range }) },
      { signal, budgetMs: this.#idleMs },
    )
    await this.#check(answer, signal)
    return answer
  }

  /** Some servers take no notice of what they are asked to compare, and proxies answer in their place. */
  async #check({ body, etag, size }: ObjectAnswer, signal: AbortSignal): Promise<void> {
    const { key } = this.#object
    const wanted = this.#etag
    const isSameSize = size === null || size === this.size
    if ((wanted === null || etag === wanted) && isSameSize) {
      this.#etag = etag
      return
    }
    try {
      if (wanted === null || (etag !== null && etag !== wanted)) throw changedMeanwhile(key)
      if (etag === null) await untilBegun(body, { signal, idleMs: this.#idleMs })
      const fault = etag === null ? 'does not say which version of an object it sends' : 'tells two sizes of one object'
      throw new ProtocolFaultError(`it ${fault}`)
    } finally {
      body.destroy()
    }
  }
}
