import { constants, setPriority } from 'node:os'
import { type Behaviour, HostilePostgres } from '../../test/servers/hostile-postgres.ts'
import {
  authentication,
  dataRow,
  message,
  notice,
  rowDescription,
} from '../../test/servers/hostile-postgres-messages.ts'

// Hostile servers of every kind, in a process of their own. Writes their ports as JSON and runs until it is killed.
// Real ones run on other machines: these must not take processor time from who is measured.
setPriority(constants.priority.PRIORITY_LOW)

const password = process.env['HOSTILE_PASSWORD'] ?? ''

const flood =
  (each: Buffer, first: Buffer): Behaviour =>
  async peer => {
    const many = Buffer.concat(Array.from({ length: Math.ceil(65_536 / each.length) }, () => each))
    await peer.send(first)
    while (!peer.closed) await peer.send(many)
  }

/** One server each, all of them at once. */
const behaviours: readonly (readonly [stage: string, behaviour: Behaviour])[] = [
  // Tar-pits: each holds a child for a step's whole budget.
  ['STARTUP', () => {}],
  ['OPEN', () => {}],
  // As much as the driver computes at all.
  ['SASL_CONTINUE', (_, answer) => authentication(11, answer.subarray(9).toString().replace(/i=\d+/, 'i=100000'))],
  ['OPEN', flood(notice('psst'), Buffer.alloc(0))],
  ['OPEN', flood(dataRow([]), rowDescription([]))],
  ['OPEN', flood(dataRow(['x'.repeat(1_000)]), rowDescription([{ name: 'database' }]))],
  // Whoever reads it as the driver does never ends.
  ['OPEN', peer => peer.send(message('E', 'SERROR\0'))],
]

const servers = await Promise.all(
  behaviours.map(([stage, behaviour]) => HostilePostgres.start({ at: { [stage]: behaviour }, password })),
)
console.log(JSON.stringify(servers.map(({ port }) => port)))
