import { readdirSync, readFileSync } from 'node:fs'

export interface ChildProcess {
  readonly pid: number
  readonly commandLine: string
  /** As the kernel has it from the start of the process: `NAME=value` separated by NUL. */
  readonly environment: string
}

/** The children of a process that live now, and theirs. */
export function descendantsOf(pid: number): readonly ChildProcess[] {
  const found: ChildProcess[] = []
  for (const task of taskIds(pid)) {
    for (const child of read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number)) {
      const commandLine = read(`/proc/${child}/cmdline`).replaceAll('\0', ' ')
      found.push({ pid: child, commandLine, environment: read(`/proc/${child}/environ`) }, ...descendantsOf(child))
    }
  }
  return found
}

/** The processes of a server in which drivers run. */
export const hostChildrenOf = (pid: number): readonly ChildProcess[] =>
  descendantsOf(pid).filter(({ commandLine }) => commandLine.includes('--permission'))

function taskIds(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Processes end while they are looked at: nothing is left to read then. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
