import type { OpenKeys, OpenSecrets } from '../../../src/admin/command.ts'
import { secretsAudit } from '../../../src/admin/secrets-audit.ts'
import type { Places } from './messages.ts'

/** What `secrets:audit` says is wrong: nothing, when all is well. */
export async function audit(world: OpenKeys & OpenSecrets, { primary, vault }: Places): Promise<readonly string[]> {
  const { exitCode, lines } = await secretsAudit.run(
    {
      settings: { secretStore: primary, vault },
      signal: new AbortController().signal,
      progress: () => undefined,
      openDatabase: async () => world.database,
      openKeys: async () => world,
      openSecrets: async () => world,
    },
    {},
  )
  return exitCode === 0 ? [] : lines
}
