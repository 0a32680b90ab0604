import { createHook } from 'node:async_hooks'
import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { startPatchbay } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createLogger } from '../../src/log.ts'
import { sourcePaths } from '../harness.ts'
import { descendantsOf } from './host-children.ts'

/**
 * The program, but on SIGTERM it only closes, tells what is left of it in its process, and exits once nothing keeps it
 * alive. A line beginning with `REPORT` holds a `ClosingReport`.
 */
export interface ClosingReport {
  readonly before: Inventory
  readonly after: Inventory
}

interface Inventory {
  /** Kinds of what keeps the event loop alive. */
  readonly resources: readonly string[]
  /** Where each repeated timer was set that runs still, also those that keep nothing alive. */
  readonly repeatedTimers: readonly string[]
  readonly sockets: number
  readonly children: readonly string[]
}

/** One that is set once and keeps nothing alive ends by itself, as the deadline of something that is over. */
const isRepeated = (timer: object) => '_repeat' in timer && timer._repeat !== null

const repeatedTimers = new Map<number, string>()
createHook({
  init: (id, type, _trigger, resource) => {
    if (type === 'Timeout' && isRepeated(resource)) repeatedTimers.set(id, new Error('Set here').stack ?? '')
  },
  destroy: id => repeatedTimers.delete(id),
}).enable()

function inventory(): Inventory {
  const files = readdirSync('/proc/self/fd').map(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      // The one that this listing itself was made through.
      return ''
    }
  })
  return {
    resources: process.getActiveResourcesInfo().sort(),
    repeatedTimers: [...repeatedTimers.values()],
    sockets: files.filter(file => file.startsWith('socket:')).length,
    children: descendantsOf(process.pid).map(child => child.commandLine),
  }
}

const { promise: asked, resolve: ask } = Promise.withResolvers<void>()
process.once('SIGTERM', () => ask())
process.stdout.write('Starting.\n')
const before = inventory()
const config = loadConfig(process.env, { envFile: null })
const patchbay = await startPatchbay(config, sourcePaths, createLogger(config.logLevel))
process.stdout.write(`Listening on ${patchbay.url}\n`)
// A promise alone keeps nothing alive; the server does.
await asked
await patchbay.close()
// Lines to a database that have been hung up take a moment to close.
const settleBy = performance.now() + 2_000
while (!isDeepStrictEqual(inventory(), before) && performance.now() < settleBy) await sleep(20)
const report: ClosingReport = { before, after: inventory() }
process.stdout.write(`REPORT ${JSON.stringify(report)}\n`)
