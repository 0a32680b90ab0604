import type { Document } from 'mongodb'

/** What a server is, by its own word. */
export type ServerKind =
  /** A server by itself. */
  | 'STANDALONE'
  /** A router of a sharded cluster. */
  | 'ROUTER'
  | 'PRIMARY'
  | 'SECONDARY'
  | 'ARBITER'
  /** A member of a replica set that cannot be read from now: starting, recovering, removed. */
  | 'OTHER_MEMBER'
  /** Started as a member of a replica set that has not been set up. */
  | 'UNINITIATED'

/** What a server says about itself and the others, checked and cut: it may say anything. */
export interface ServerFacts {
  readonly kind: ServerKind
  readonly setName: string | null
  /** Its own name in the replica set. */
  readonly me: string | null
  readonly primary: string | null
  /** Members that hold data. */
  readonly members: readonly string[]
  readonly arbiters: readonly string[]
  readonly minWireVersion: number
  readonly maxWireVersion: number
  readonly hasSessions: boolean
}

/** A replica set has no more members. */
const maxMembers = 50
/** Of a host, a colon and a port. */
const maxNameLength = 260

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.length > 0 && value.length <= maxNameLength ? value : null

const namesOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.slice(0, maxMembers).flatMap(item => textOf(item) ?? []) : []

const numberOf = (value: unknown): number => {
  const number = Number(value)
  return Number.isFinite(number) ? number : 0
}

/** Reads the answer to a hello. Null when it is none: no server leaves out whether it may be written to. */
export function readHello(answer: Document): ServerFacts | null {
  const isWritable = answer['isWritablePrimary'] ?? answer['ismaster']
  if (typeof isWritable !== 'boolean') return null
  return {
    kind: kindOf(answer, isWritable),
    setName: textOf(answer['setName']),
    me: textOf(answer['me']),
    primary: textOf(answer['primary']),
    members: [...new Set([...namesOf(answer['hosts']), ...namesOf(answer['passives'])])].slice(0, maxMembers),
    arbiters: namesOf(answer['arbiters']),
    minWireVersion: numberOf(answer['minWireVersion']),
    maxWireVersion: numberOf(answer['maxWireVersion']),
    hasSessions: typeof answer['logicalSessionTimeoutMinutes'] === 'number',
  }
}

function kindOf(answer: Document, isWritable: boolean): ServerKind {
  if (answer['isreplicaset'] === true) return 'UNINITIATED'
  if (textOf(answer['setName']) === null) return answer['msg'] === 'isdbgrid' ? 'ROUTER' : 'STANDALONE'
  if (isWritable) return 'PRIMARY'
  if (answer['secondary'] === true) return 'SECONDARY'
  return answer['arbiterOnly'] === true ? 'ARBITER' : 'OTHER_MEMBER'
}

/** As words that end a sentence about a server. */
export const kindWords: Readonly<Record<ServerKind, string>> = {
  STANDALONE: 'a server by itself',
  ROUTER: 'a router of a sharded cluster',
  PRIMARY: 'primary',
  SECONDARY: 'secondary',
  ARBITER: 'an arbiter, which holds no data',
  OTHER_MEMBER: 'a member that cannot be read from now',
  UNINITIATED: 'a member of a replica set that has not been set up',
}
