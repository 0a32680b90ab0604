import { type SecretStore, secretStores } from '../../../src/secrets/secret-store.ts'
import type {
  createSecretVersions,
  SecretVersions,
  SecretVersionsOptions,
} from '../../../src/services/secret-versions.ts'
import type { Sabotage } from './messages.ts'

const lateMs = 30

/** The life of secret versions as it is, or with one part of the protocol left out. */
export function sabotaged(
  create: typeof createSecretVersions,
  options: SecretVersionsOptions,
  sabotage: Sabotage | null,
): SecretVersions {
  const { stores } = options
  const replaced = (change: (store: SecretStore) => Partial<SecretStore>) => {
    const [primary, ...others] = stores.all.map(store => ({ ...store, ...change(store) }))
    return create({ ...options, stores: primary ? secretStores(primary, others) : stores })
  }
  switch (sabotage) {
    case null:
    // Of the audit log.
    case 'AUDITS_LATE':
      return create(options)
    case 'STORES_LATE':
      // Saved first, stored a moment later: what only a crash between the two brings to light.
      return replaced(store => ({
        put: async (...put) => void setTimeout(() => store.put(...put).catch(() => undefined), lateMs),
      }))
    case 'FORGETS_TO_RETIRE':
      return { ...create(options), retire: async () => undefined }
    case 'REAPER_FORGETS_ROW_ONLY':
      return replaced(() => ({ fence: async () => undefined, forget: async () => undefined }))
  }
}
