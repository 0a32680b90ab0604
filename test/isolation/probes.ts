import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { newId } from '../../src/services/ids.ts'
import type { Belongings } from './belongings.ts'

/** What south puts into a place, one after the other: something of north, and the same kind of thing that nobody has. */
export interface Probe {
  readonly what: string
  readonly foreign: unknown
  readonly nowhere: unknown
  /** The same kind of thing of south itself, which must be answered otherwise: or the place would not be reached. */
  readonly own?: unknown
  /** Both are accepted, so that the answers differ in what was given, in new ids and in times. */
  readonly isAccepted?: boolean
}

/** What south knows of north, and what it has itself. */
export interface Parties {
  readonly north: Belongings
  readonly south: Belongings
}

export type Probes = (parties: Parties) => readonly Probe[]

const rowIdOf = (globalId: string): string => Buffer.from(globalId, 'base64url').toString().split(':')[1] ?? ''

const forged = (kind: string, rowId: string) => encodeGlobalId(kind, rowId)

/** The same number of characters, of the same kinds, but nobody's. */
export const nobodys = (text: string): string => text.replace(/.{2}$/, 'zq')

/** Ids of the right kind, of other kinds, and such as Patchbay does not give out although they can be decoded. */
const ids =
  (kind: 'Connector' | 'Dataset' | 'ConnectionTest' | 'ApiToken', of: (belongings: Belongings) => string): Probes =>
  ({ north, south }) => {
    const all = {
      Connector: north.connector.id,
      Dataset: north.dataset,
      ConnectionTest: north.test,
      ApiToken: north.apiToken,
    }
    const rowId = rowIdOf(of(north))
    const others = Object.entries(all).filter(([each]) => each !== kind)
    return [
      { what: `a ${kind}`, foreign: of(north), nowhere: forged(kind, newId()), own: of(south) },
      ...others.map(([each, id]) => ({ what: `the id of a ${each}`, foreign: id, nowhere: forged(each, newId()) })),
      { what: 'the id of a row', foreign: rowId, nowhere: newId() },
      {
        what: 'an id with its workspace',
        foreign: forged(kind, `north-${rowId}`),
        nowhere: forged(kind, `north-${newId()}`),
      },
      {
        what: 'an id of a concrete type',
        foreign: forged('SimulatorConnector', rowId),
        nowhere: forged('SimulatorConnector', newId()),
      },
      { what: 'a secret version', foreign: forged(kind, north.secretVersion), nowhere: forged(kind, newId()) },
      {
        what: 'an id in other base64',
        foreign: Buffer.from(`${kind}:${rowId}`).toString('base64'),
        nowhere: Buffer.from(`${kind}:${newId()}`).toString('base64'),
      },
    ]
  }

export const connectorIds = ids('Connector', each => each.connector.id)
export const datasetIds = ids('Dataset', each => each.dataset)
export const testIds = ids('ConnectionTest', each => each.test)
export const draftTestIds = ids('ConnectionTest', each => each.draftTest)
export const apiTokenIds = ids('ApiToken', each => each.apiToken)
export const runningTestIds: Probes = parties => [
  ...ids('ConnectionTest', each => each.runningTest)(parties),
  ...ids('ConnectionTest', each => each.test)(parties).slice(0, 1),
]
/** Where any kind may be asked for. */
export const anyIds: Probes = parties => [
  ...connectorIds(parties),
  ...datasetIds(parties),
  ...testIds(parties),
  ...apiTokenIds(parties),
  ...ids('Dataset', each => each.disconnectedDataset)(parties),
  ...ids('ConnectionTest', each => each.runningTest)(parties),
]

/** Something that is known by a text: a name, a key. */
export const texts =
  (what: string, of: (belongings: Belongings) => string, options: Pick<Probe, 'isAccepted'> = {}): Probes =>
  ({ north, south }) => [
    { what, foreign: of(north), nowhere: nobodys(of(north)), own: of(south), ...options },
    ...(options.isAccepted
      ? []
      : [{ what: `${what} in capitals`, foreign: of(north).toUpperCase(), nowhere: nobodys(of(north)).toUpperCase() }]),
  ]

export const connectorNames = texts('a name', each => each.connector.name)
export const connectorKeys = texts('an external key', each => each.connector.externalKey)

/** Cursors hold the position in a list: nobody's is just beside north's. */
export const cursors =
  (of: (belongings: Belongings) => string): Probes =>
  ({ north, south }) => {
    const parts: unknown = JSON.parse(Buffer.from(of(north), 'base64url').toString())
    if (!Array.isArray(parts)) throw new Error('A cursor is not made as this suite knows it.')
    const beside = parts.map((part, index) =>
      index === 0 ? part : typeof part === 'number' ? part + 1 : index === 2 ? newId() : nobodys(String(part)),
    )
    return [
      {
        what: 'a cursor',
        foreign: of(north),
        nowhere: Buffer.from(JSON.stringify(beside)).toString('base64url'),
        own: of(south),
      },
    ]
  }

export const values =
  (what: string, foreign: unknown, nowhere: unknown, options: Pick<Probe, 'own' | 'isAccepted'> = {}): Probes =>
  () => [{ what, foreign, nowhere, ...options }]

/** As accepted, where what was read is noted. */
export const noted =
  (probes: Probes): Probes =>
  parties =>
    probes(parties).map(probe => ({ ...probe, isAccepted: true }))

export const firstOf =
  (probes: Probes): Probes =>
  parties =>
    probes(parties).slice(0, 1)

export const actors: Probes = ({ north, south }) => [
  { what: 'a viewer', foreign: north.actorId, nowhere: nobodys(north.actorId), own: south.actorId },
]

export const both =
  (...all: readonly Probes[]): Probes =>
  parties =>
    all.flatMap(probes => probes(parties))
