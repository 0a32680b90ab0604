import { openFuzzWorld } from './fuzz-world.ts'

// The server of a fuzzing run, in a process of its own: what it needs is then its own too, and so is its end.

export interface FuzzMemory {
  /** Of the whole process, in MB. */
  readonly resident: number
  /** In use and not only waiting to be collected, in MB. */
  readonly heap: number
}

export type FuzzProcessMessage =
  | { readonly kind: 'READY'; readonly url: string; readonly texts: readonly string[] }
  | { readonly kind: 'STATE'; readonly memory: FuzzMemory; readonly faults: string }

const world = await openFuzzWorld()
const send = (message: FuzzProcessMessage) => process.send?.(message)

process.on('message', message => {
  if (message === 'end') void world[Symbol.asyncDispose]().then(() => process.exit(0))
  else send({ kind: 'STATE', memory: memory(), faults: world.faults() })
})
// Only the suite remembers every job of the data sources that it plays.
setInterval(() => world.forget(), 1_000).unref()
send({ kind: 'READY', url: world.url, texts: world.texts })

function memory(): FuzzMemory {
  // Gives back to the system what a process that is not short of memory would keep.
  const collect = () => globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  collect()
  collect()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { resident: rss / 2 ** 20, heap: (heapUsed + external) / 2 ** 20 }
}
