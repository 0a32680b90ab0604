import type { Identity } from '../../src/identity/identity.ts'
import { createIdentity } from '../../src/identity/identity.ts'
import { viewerOf } from '../viewers.ts'

/** Takes whoever says so for a viewer: `Bearer north.anna` is Anna of the workspace north, `north.token-1` a token there. */
export const namedViewers: Identity = createIdentity({
  open: false,
  authenticators: [
    {
      accepts: () => true,
      authenticate: async credential => {
        const [workspace = '', id = ''] = credential.split('.')
        const kind = id.startsWith('token-') ? 'API_TOKEN' : 'USER'
        return { viewer: viewerOf(workspace, { id, kind }), isStillGood: async () => true }
      },
    },
  ],
})

export const as = (name: string) => ({ authorization: `Bearer ${name}` })
