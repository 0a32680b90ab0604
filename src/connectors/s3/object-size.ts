import { ProtocolFaultError } from '../session/protocol-fault.ts'
import type { Bucket, CallTime } from './bucket.ts'
import { untilBegun } from './object-chunks.ts'

/**
 * How large an object is, and which version of it that is said of. Its first byte is asked for: answers about heads alone
 * do not say what is wrong. Throws `AwsCallError`, and the signal's reason.
 */
export async function objectSize(
  bucket: Bucket,
  { key, keyField }: { readonly key: string; readonly keyField: string },
  time: CallTime,
): Promise<{ readonly size: number; readonly etag: string | null }> {
  const { signal, budgetMs } = time
  try {
    const { body, size, etag } = await bucket.get({ key, keyField, range: { first: 0, last: 0 } }, time)
    try {
      if (size !== null) return { size, etag }
      await untilBegun(body, { signal, idleMs: budgetMs })
    } finally {
      body.destroy()
    }
    throw new ProtocolFaultError('it does not say how large an object is')
  } catch (error) {
    signal.throwIfAborted()
    const failure = bucket.failure(error, key, budgetMs)
    // What has no bytes has no first one.
    if (failure.awsName === 'InvalidRange') return { size: 0, etag: null }
    throw failure
  }
}
