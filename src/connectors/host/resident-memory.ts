import { readFileSync } from 'node:fs'

/**
 * Resident memory of a process in MiB, Buffers included; null where the platform does not tell (only Linux does, in a
 * file that costs some ten microseconds to read and needs no thread, so it works however busy the machine is).
 */
export function residentMb(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
    return kibibytes === undefined ? null : Number(kibibytes) / 1_024
  } catch {
    return null
  }
}
