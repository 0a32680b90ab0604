import { describe, expect, test } from 'vitest'
import type { AuthenticationFault, Authenticator } from '../../src/identity/authenticator.ts'
import { createIdentity } from '../../src/identity/identity.ts'
import { soleViewer } from '../../src/services/viewer.ts'
import { FakeAuthenticator } from './fake-authenticator.ts'

const fake = new FakeAuthenticator()
const ada = fake.issue('ada')
const closed = createIdentity({ open: false, authenticators: [fake] })
const open = createIdentity({ open: true, authenticators: [fake] })
const fault = (code: AuthenticationFault) => expect.objectContaining({ name: 'AuthenticationError', fault: code })

describe('who makes a request', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('is told by a credential after "%s"', async scheme => {
    const { viewer } = await closed.identify(`${scheme} ${ada}`)
    expect(viewer).toMatchObject({ id: 'user:ada', workspace: { id: 'ada' } })
  })

  test('may be anybody without a credential, where that is set up, and nowhere else', async () => {
    expect((await open.identify(null)).viewer).toBe(soleViewer)
    await expect(closed.identify(null)).rejects.toEqual(fault('MISSING'))
    const nobody = createIdentity({ open: false, authenticators: [] })
    await expect(nobody.identify(null)).rejects.toEqual(fault('MISSING'))
    await expect(nobody.identify(`Bearer ${ada}`)).rejects.toEqual(fault('MALFORMED'))
  })

  test.each([
    '',
    ' ',
    ada,
    'Bearer',
    'Bearer ',
    `Bearer${ada}`,
    `Basic ${btoa('ada:secret')}`,
    `Bearer ${ada}, Bearer ${ada}`,
    `Bearer ${ada} ${ada}`,
    `Bearer ${ada},`,
    `Bearer "${ada}"`,
    `Bearer\u00a0${ada}`,
    `Bearer ${ada}\u0000`,
    `Bearer ${ada}\nX-Other: 1`,
    `Bearer Bearer ${ada}`,
    `Bearer ${'x'.repeat(20_000)}`,
    `Bearer ${' '.repeat(20_000)}${ada}`,
    'Bearer something-else',
  ])('is nobody with %j, also where everybody is let in', async authorization => {
    fake.judged.length = 0
    await expect(open.identify(authorization)).rejects.toEqual(fault('MALFORMED'))
    await expect(closed.identify(authorization)).rejects.toEqual(fault('MALFORMED'))
    expect(fake.judged).toEqual([])
  })

  test('is never anybody with a credential that is not good', async () => {
    await expect(open.identify('Bearer fake-eve')).rejects.toEqual(fault('INVALID'))
    for (const state of ['EXPIRED', 'REVOKED', 'UNAVAILABLE', 'INCOMPLETE'] as const) {
      fake.set(ada, state)
      await expect(open.identify(`Bearer ${ada}`)).rejects.toEqual(fault(state))
    }
    fake.set(ada, 'GOOD')
  })

  test('is judged by the first that takes the credential for its own, and by no other', async () => {
    const never: Authenticator = { accepts: () => true, authenticate: () => Promise.reject(new Error('was asked')) }
    const { viewer } = await createIdentity({ open: false, authenticators: [fake, never] }).identify(`Bearer ${ada}`)
    expect(viewer.id).toBe('user:ada')
    await expect(
      createIdentity({ open: false, authenticators: [fake, never] }).identify('Bearer fake-eve'),
    ).rejects.toEqual(fault('INVALID'))
  })
})
