import { setPriority } from 'node:os'

/**
 * On Linux a process of niceness 5 gets a third of what one of 0 gets where both want the same core, and all of it where
 * nobody else does. Less would let steps run out of their budgets on a busy machine, and blame the data source.
 */
const niceness = 5

/** However busy a hostile server keeps a child, the process that serves the API goes first. Done without where it cannot be set. */
export function yieldToOthers(pid: number): void {
  try {
    setPriority(pid, niceness)
  } catch {
    // The process has ended already, or the platform does not let us.
  }
}
