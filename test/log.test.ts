import { DrizzleQueryError } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../src/log.ts'

const secret = 'p4ss-canary-in-log'

function capture(level = 'debug') {
  const lines: string[] = []
  const log = createLogger(level, { write: line => void lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}

describe('the log', () => {
  test('is one JSON object a line, with level, time and the foreseen fields', () => {
    const { log, last } = capture()
    log.info({ requestId: 'r1', durationMs: 12 }, 'answered')
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      requestId: 'r1',
      durationMs: 12,
      msg: 'answered',
    })
  })

  test('leaves out what is less serious than its level', () => {
    const { log, lines } = capture('warn')
    log.info('quiet')
    log.warn('loud')
    expect(lines).toHaveLength(1)
  })

  test('drops fields that are not foreseen, also those of child loggers, and names them', () => {
    const { log, last, lines } = capture()
    log.info({ password: secret, requestId: { nested: secret } }, 'one')
    expect(last()).toMatchObject({ droppedFields: ['password', 'requestId'] })
    log.child({ requestId: 'r1', token: secret }).child({ testId: 't1' }).info('two')
    expect(last()).toMatchObject({ requestId: 'r1', testId: 't1', droppedFields: ['token'] })
    expect(lines.join()).not.toContain(secret)
  })

  test('keeps of an error its name, message, code, stack and causes, and none of its other properties', () => {
    const { log, last, lines } = capture()
    const cause = Object.assign(new TypeError('inner'), { config: { headers: { token: secret } } })
    const error = Object.assign(new Error('outer', { cause }), { code: 'E_OUTER', request: secret })
    log.error({ err: error }, 'failed')
    expect(last()).toMatchObject({
      msg: 'failed',
      err: {
        name: 'Error',
        message: 'outer',
        code: 'E_OUTER',
        stack: expect.stringContaining('log.test.ts'),
        cause: { name: 'TypeError', message: 'inner' },
      },
    })
    log.error(error)
    expect(last()).toMatchObject({ msg: 'outer', err: { message: 'outer' } })
    log.error({ err: { password: secret } }, 'thrown')
    expect(lines.join()).not.toContain(secret)
  })

  test('cuts the parameters off the messages of failed queries', () => {
    const { log, last, lines } = capture()
    const error = new DrizzleQueryError('insert into t values ($1)', [`a\n${secret}\nb`], new Error('duplicate key'))
    log.error(error)
    log.error({ err: error })
    log.error({ err: new Error('outer', { cause: error }) }, 'failed')
    expect(last()).toMatchObject({
      err: { cause: { message: 'Failed query: insert into t values ($1)', cause: { message: 'duplicate key' } } },
    })
    expect(lines.join()).not.toContain(secret)
  })

  test('ends with a chain of causes that goes round in a circle', () => {
    const { log, last } = capture()
    const error = new Error('round')
    error.cause = error
    log.error({ err: error }, 'circle')
    expect(last()).toMatchObject({ msg: 'circle', err: { cause: { message: 'round' } } })
  })
})
