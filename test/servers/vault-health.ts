import { randomUUID } from 'node:crypto'
import { refused, type VaultReply } from './vault-replies.ts'

/** What a server of a cluster is. Only the active one carries requests out. */
export type VaultRole = 'ACTIVE' | 'STANDBY' | 'PERFORMANCE_STANDBY' | 'DR_SECONDARY'

export interface VaultState {
  readonly initialized: boolean
  readonly sealed: boolean
  readonly role: VaultRole
}

const clusterName = 'vault-cluster-double'
const clusterId = randomUUID()
const version = '2.7.2'

/** `sys/health`: the status says what the server is, and the query may choose another status for it. */
export function healthOf(state: VaultState, query: URLSearchParams, now: number): VaultReply {
  const { initialized, sealed, role } = state
  const flags = ['standbyok', 'perfstandbyok'].map(name => query.get(name))
  const names = ['uninitcode', 'sealedcode', 'standbycode', 'activecode', 'drsecondarycode', 'performancestandbycode']
  const isBad = names.some(name => query.has(name) && !/^\d+$/.test(query.get(name) ?? ''))
  if (isBad || flags.some(flag => flag !== null && !/^(1|0|t|f|true|false)$/i.test(flag))) return refused(400)
  const code = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise)
  const [standbyOk, perfStandbyOk] = flags.map(flag => flag !== null && /^(1|t|true)$/i.test(flag))
  const status = (): number => {
    if (!initialized) return code('uninitcode', 501)
    if (sealed) return code('sealedcode', 503)
    if (role === 'DR_SECONDARY') return code('drsecondarycode', 472)
    if (role === 'PERFORMANCE_STANDBY' && !perfStandbyOk) return code('performancestandbycode', 473)
    if (role === 'STANDBY' && !standbyOk) return code('standbycode', 429)
    return code('activecode', 200)
  }
  const replication = sealed ? 'unknown' : 'disabled'
  return {
    status: status(),
    body: {
      initialized,
      sealed,
      standby: sealed || role !== 'ACTIVE',
      performance_standby: role === 'PERFORMANCE_STANDBY',
      replication_performance_mode: replication,
      replication_dr_mode: role === 'DR_SECONDARY' ? 'secondary' : replication,
      server_time_utc: Math.floor(now / 1_000),
      version,
      ...(sealed ? {} : { cluster_name: clusterName, cluster_id: clusterId }),
    },
  }
}

/** `sys/seal-status`, which is what `sys/unseal` answers too. */
export const sealStatusOf = ({ initialized, sealed }: VaultState): VaultReply => ({
  status: 200,
  body: {
    type: 'shamir',
    initialized,
    sealed,
    t: 1,
    n: 1,
    progress: 0,
    nonce: '',
    recovery_seal: false,
    version,
    migration: false,
    ...(sealed ? {} : { cluster_name: clusterName, cluster_id: clusterId }),
    storage_type: 'inmem',
  },
})
