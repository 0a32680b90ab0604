import { createHmac } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import type { Digester } from './digester.ts'
import type { Keyring } from './keyring.ts'
import { lengthPrefixed } from './seal.ts'

export function createDigester(keyring: Keyring): Digester {
  return {
    digest: async (workspaceId, context, data) => {
      const { key } = await keyring.current(workspaceId, 'DIGESTS')
      return createHmac('sha256', key)
        .update(lengthPrefixed([context, canonicalJson(data)]))
        .digest('base64url')
    },
  }
}
