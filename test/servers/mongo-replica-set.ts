import type { Document } from 'mongodb'
import { MongoDouble, type MongoOptions } from './mongo-double.ts'

export type MemberState = 'PRIMARY' | 'SECONDARY' | 'ARBITER' | 'STARTING'

export interface MemberOptions extends MongoOptions {
  readonly state?: MemberState
}

/** Doubles that know each other as the members of one replica set; the first is the primary unless said otherwise. */
export class MongoReplicaSet implements AsyncDisposable {
  readonly members: readonly MongoDouble[]

  private constructor(members: readonly MongoDouble[]) {
    this.members = members
  }

  static async start(name: string, options: readonly MemberOptions[]): Promise<MongoReplicaSet> {
    const members: MongoDouble[] = []
    const states = options.map(({ state }, index) => state ?? (index === 0 ? 'PRIMARY' : 'SECONDARY'))
    const primary = states.indexOf('PRIMARY')
    for (const [index, { state: _, hello, ...each }] of options.entries()) {
      members.push(
        await MongoDouble.start({
          ...each,
          hello: () => ({
            ...helloOf(name, states[index] ?? 'SECONDARY', members[index]?.host ?? ''),
            hosts: members.filter((_member, at) => states[at] !== 'ARBITER').map(({ host }) => host),
            ...(primary >= 0 && { primary: members[primary]?.host }),
            ...hello?.(),
          }),
        }),
      )
    }
    return new MongoReplicaSet(members)
  }

  /** Of the form. */
  get hosts(): readonly { readonly host: string; readonly port: number }[] {
    return this.members.map(({ address, port }) => ({ host: address, port }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.members) await member[Symbol.asyncDispose]()
  }
}

/** What a member says of itself, in both spellings of a hello. */
function helloOf(name: string, state: MemberState, me: string): Document {
  const isPrimary = state === 'PRIMARY'
  return {
    isWritablePrimary: isPrimary,
    ismaster: isPrimary,
    secondary: state === 'SECONDARY',
    ...(state === 'ARBITER' && { arbiterOnly: true }),
    setName: name,
    setVersion: 1,
    me,
  }
}
