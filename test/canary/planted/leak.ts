import { expect, test } from 'vitest'
import { Recorder } from '../recorder.ts'
import { canarySecret } from '../secrets.ts'

test('an answer holds a secret', () => {
  const recorder = new Recorder()
  const secret = canarySecret()
  recorder.record('sent', secret)
  recorder.record('answers', `Basic ${Buffer.from(`ann:${secret}`).toString('base64')}`)
  expect(secret).toBeTruthy()
})
