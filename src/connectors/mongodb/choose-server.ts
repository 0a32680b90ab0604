import { endpointName } from '../blocks/ssh-tunnel.ts'
import type { Endpoint } from '../define.ts'
import { hostIssue } from '../network/host-name.ts'
import type { MongodbConfig } from './form.ts'
import type { ServerFacts, ServerKind } from './hello.ts'

/** A server that has answered, and how long that took. */
export interface Candidate {
  readonly facts: ServerFacts | null
  readonly roundTripMs: number
}

type ReadPreference = MongodbConfig['readPreference']

/** Roles in the order in which they are wanted; all of one entry are alike. */
const wantedKinds: Readonly<Record<ReadPreference, readonly (readonly ServerKind[])[]>> = {
  PRIMARY: [['PRIMARY']],
  PRIMARY_PREFERRED: [['PRIMARY'], ['SECONDARY']],
  SECONDARY: [['SECONDARY']],
  SECONDARY_PREFERRED: [['SECONDARY'], ['PRIMARY']],
  NEAREST: [['PRIMARY', 'SECONDARY']],
}

/** As words after "none is". */
export const wantedWords: Readonly<Record<ReadPreference, string>> = {
  PRIMARY: 'the primary',
  PRIMARY_PREFERRED: 'the primary or a secondary',
  SECONDARY: 'a secondary',
  SECONDARY_PREFERRED: 'the primary or a secondary',
  NEAREST: 'the primary or a secondary',
}

/** Servers that are read from whatever is preferred: they have no members, or find them by themselves. */
const anyPreference: readonly ServerKind[] = ['STANDALONE', 'ROUTER']

/** The server to read from: by role, then by who answers first. Null when none will do. */
export function chooseServer<C extends Candidate>(candidates: readonly C[], preference: ReadPreference): C | null {
  for (const kinds of [anyPreference, ...wantedKinds[preference]]) {
    const [nearest] = candidates
      .filter(({ facts }) => facts !== null && kinds.includes(facts.kind))
      .toSorted((a, b) => a.roundTripMs - b.roundTripMs)
    if (nearest) return nearest
  }
  return null
}

/** Whether no other server would be read from in its place: one like it, at the most, that answers sooner. */
export const isFirstChoice = ({ facts }: Candidate, preference: ReadPreference): boolean =>
  facts !== null && [...anyPreference, ...(wantedKinds[preference][0] ?? [])].includes(facts.kind)

export interface NamedMembers {
  readonly endpoints: readonly Endpoint[]
  /** What servers named that is no host and port. */
  readonly unusable: readonly string[]
}

/** The members that servers name and that are not known yet. A server may name anything. */
export function namedMembers(facts: readonly ServerFacts[], known: ReadonlySet<string>): NamedMembers {
  const endpoints = new Map<string, Endpoint>()
  const unusable = new Set<string>()
  for (const name of facts.flatMap(({ members, primary }) => [...members, ...(primary === null ? [] : [primary])])) {
    const endpoint = parseEndpoint(name)
    if (!endpoint) unusable.add(name)
    else if (!known.has(endpointName(endpoint))) endpoints.set(endpointName(endpoint), endpoint)
  }
  return { endpoints: [...endpoints.values()].slice(0, maxMembers), unusable: [...unusable] }
}

/** MongoDB allows a replica set no more. */
const maxMembers = 50

/** `host:port`, an IPv6 address in brackets; null for anything else, such as the path of a socket. */
export function parseEndpoint(name: string): Endpoint | null {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(name) ?? []
  const host = bracketed ?? plain ?? ''
  const port = Number(digits)
  return hostIssue(host) === null && port >= 1 && port <= 65_535 ? { host, port } : null
}
