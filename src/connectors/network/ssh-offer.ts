import type { SshOffer } from './ssh-algorithms.ts'
import { SshReader } from './ssh-wire.ts'

const kexInit = 20
const maxPacket = 35_000
const maxBeforeOffer = 65_536
const maxNames = 100

/**
 * Looks for the server's SSH_MSG_KEXINIT in what it sends unencrypted after its version line. `rest` is what to look
 * through again together with what comes next; null when there is no need any more.
 */
export function readOffer(bytes: Buffer): { readonly offer: SshOffer | null; readonly rest: Buffer | null } {
  let at = 0
  while (bytes.length - at >= 6) {
    const length = bytes.readUInt32BE(at)
    if (length < 2 || length > maxPacket) return { offer: null, rest: null }
    if (bytes.length - at < 4 + length) break
    if (bytes[at + 5] === kexInit) return { offer: parseKexInit(bytes.subarray(at + 6, at + 4 + length)), rest: null }
    at += 4 + length
  }
  return { offer: null, rest: at > maxBeforeOffer ? null : bytes.subarray(at) }
}

function parseKexInit(payload: Buffer): SshOffer | null {
  const reader = new SshReader(payload)
  // The cookie.
  if (!reader.bytes(16)) return null
  const [keyExchanges, hostKeys, ciphers, ciphersBack, macs, macsBack] = Array.from({ length: 6 }, () => names(reader))
  if (!keyExchanges || !hostKeys || !ciphers || !ciphersBack || !macs || !macsBack) return null
  // A server that differs by direction offers us what it offers in both.
  return {
    keyExchanges,
    hostKeys,
    ciphers: ciphers.filter(name => ciphersBack.includes(name)),
    macs: macs.filter(name => macsBack.includes(name)),
  }
}

function names(reader: SshReader): readonly string[] | null {
  return reader.text()?.split(',').slice(0, maxNames) ?? null
}
