import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { untilAborted } from '../../../src/connectors/session/until-aborted.ts'

test.each([
  ['before', true],
  ['after', false],
])(
  'what fails when nobody waits any more is nobody else’s rejection, aborted %s the work began',
  async (_, isEarly) => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const stop = new AbortController()
    const { promise: work, reject } = Promise.withResolvers<never>()
    if (isEarly) stop.abort(new Error('Too late.'))
    const waiting = untilAborted(work, stop.signal)
    stop.abort(new Error('Too late.'))
    await expect(waiting).rejects.toThrow('Too late.')
    reject(new Error('Failed.'))
    await setImmediate()
    await setImmediate()
    expect(unhandled).toEqual([])
  },
)
