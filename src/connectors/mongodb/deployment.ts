import { type Problem, problem, type Remedy } from '../problem.ts'
import { kindWords } from './hello.ts'
import type { ServerProbe } from './server-probe.ts'

/** What all servers of a configuration must be part of. */
export interface Deployment {
  /** Of the replica set; null where there is none. */
  readonly setName: string | null
  /** The server by which it is known; null where the name of the replica set is given. */
  readonly first: ServerProbe | null
}

/** Without a name all servers must be of the same deployment as the first that is part of one. */
export function deploymentOf(servers: readonly ServerProbe[], setName: string | null): Deployment {
  if (setName !== null) return { setName, first: null }
  const first = servers.find(({ facts }) => facts?.kind !== 'UNINITIATED') ?? servers[0] ?? null
  return { setName: first?.facts?.setName ?? null, first }
}

/** Without a replica set only routers belong together: servers by themselves have nothing to do with each other. */
export function belongsTo({ setName, first }: Deployment, server: ServerProbe): boolean {
  const { facts } = server
  if (facts === null || facts.setName !== setName) return false
  return setName !== null || server === first || (facts.kind === 'ROUTER' && first?.facts?.kind === 'ROUTER')
}

/** The problem of a server that does not belong to it. */
export function mismatchProblem({ setName, first }: Deployment, { endpoint, facts, fields }: ServerProbe): Problem {
  const actual = facts?.setName ?? null
  const remedies: Remedy[] = []
  if (actual !== null) {
    const title = `Expect the replica set "${actual}"`
    remedies.push({ kind: 'SET_FIELD', title, field: 'replicaSet', value: actual })
  } else if (first === null) {
    const title = 'Leave the name of the replica set empty'
    remedies.push({ kind: 'SET_FIELD', title, field: 'replicaSet', value: null })
  }
  return problem('REPLICA_SET_MISMATCH', {
    params: {
      ...endpoint,
      found: actual === null ? kindWords[facts?.kind ?? 'STANDALONE'] : `of the replica set "${actual}"`,
      expected: setName === null ? `part of one deployment with ${first?.name}` : `of the replica set "${setName}"`,
    },
    fields: [...new Set(['replicaSet', fields.host])],
    remedies,
  })
}
