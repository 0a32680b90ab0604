import type { ProofSource } from './proves.ts'

const byPort = new Map<number, ProofSource>()

/** To be called when a server that is no double begins to listen. */
export function rememberServer(port: number, source: ProofSource): void {
  byPort.set(port, source)
}

export function forgetServer(port: number): void {
  byPort.delete(port)
}

/** What listens on a port of this machine; a double, as far as this process knows nothing else. */
export const sourceAt = (port: number): ProofSource => byPort.get(port) ?? 'DOUBLE'
