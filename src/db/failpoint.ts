/**
 * Places at which a crash must lose nothing. In a test build (`NODE_ENV=test`, run from the sources) the variable
 * `PATCHBAY_FAILPOINT=<name>[#n]=kill|throw` ends the process with SIGKILL, or throws, the n-th time that one is
 * passed; in the bundle they do nothing.
 */
export const failpoints = [
  'database.beforeCommit',
  'database.afterCommit',
  'audit.afterAppend',
  'audit.afterSeal',
  'secrets.afterIntent',
  'secrets.afterPut',
  'secrets.beforeDiscard',
  'secrets.afterFence',
  'secrets.afterForget',
  'vault.beforeSend',
  'vault.afterSend',
] as const
export type Failpoint = (typeof failpoints)[number]

export class FailpointError extends Error {
  constructor(name: Failpoint) {
    super(`Failpoint ${name}.`)
    this.name = 'FailpointError'
  }
}

// The bundle has a constant in the place of the variable, so that nothing of this is left in it.
let armed = parse(process.env.PATCHBAY_FAILPOINT)

/** What `PATCHBAY_FAILPOINT` asks for. */
function parse(setting: string | undefined) {
  if (!setting || process.env['NODE_ENV'] !== 'test') return null
  const [, name, count = '1', action] = /^([\w.]+)(?:#(\d+))?=(kill|throw)$/.exec(setting) ?? []
  const known = failpoints.find(each => each === name)
  if (!known) throw new Error(`PATCHBAY_FAILPOINT is "${setting}", which names no failpoint and action.`)
  return { name: known, left: Number(count), action }
}

let watcher: ((name: Failpoint) => void) | null = null

/** For tests: is told of every passing before it counts, and may end the process by itself. */
export function watchFailpoints(listener: (name: Failpoint) => void): void {
  watcher = listener
}

export function failpoint(name: Failpoint): void {
  watcher?.(name)
  if (armed === null || armed.name !== name || --armed.left > 0) return
  const { action } = armed
  armed = null
  if (action === 'kill') process.kill(process.pid, 'SIGKILL')
  throw new FailpointError(name)
}
