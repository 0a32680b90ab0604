import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeGlobalId, encodeGlobalId } from '../../src/schema/global-id.ts'

test('a global id leads back to its type and row', () => {
  fc.assert(
    fc.property(fc.constantFrom('Connector', 'Dataset', 'ConnectionTest'), fc.uuid(), (typeName, id) => {
      expect(decodeGlobalId(encodeGlobalId(typeName, id))).toEqual({ typeName, id })
    }),
  )
})

test('any other text is no id, and never an error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), text => {
      const decoded = decodeGlobalId(text)
      if (decoded) expect(decoded.id).toMatch(/^[\w-]{1,64}$/)
    }),
  )
  expect(decodeGlobalId('')).toBeNull()
  expect(decodeGlobalId(encodeGlobalId('Connector', ''))).toBeNull()
  expect(decodeGlobalId(encodeGlobalId('Connector', "' or 1=1"))).toBeNull()
})
