import { spawnSync } from 'node:child_process'

const setpriv = ['/usr/bin/setpriv', '--pdeathsig', 'KILL'] as const
const probeMs = 1_000

let found: readonly string[] | undefined

/**
 * What to put before a command so that its process is killed when this one dies, however it dies: Linux does that by
 * itself when asked to. Empty where `setpriv` of util-linux is not to be had; there a child that spins, and so never
 * looks at its channel, outlives a parent that was killed.
 */
export function diesWithParent(): readonly string[] {
  found ??= process.platform === 'linux' && works() ? setpriv : []
  return found
}

/** Others go by the same name and lack the option (BusyBox). */
function works(): boolean {
  const [command, ...options] = setpriv
  return spawnSync(command, [...options, command, '--version'], { stdio: 'ignore', timeout: probeMs }).status === 0
}
