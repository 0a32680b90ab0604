import { ProtocolFaultError } from '../session/protocol-fault.ts'
import type { BeginningPlugin } from './handshake.ts'
import { marker } from './packets.ts'
import { PasswordRefusedError, UnsupportedPluginError } from './sign-in-errors.ts'

export interface SignInTerms {
  /** The plugin whose answer is part of the login. */
  readonly plugin: BeginningPlugin
  /** Whether the server has proved who it is, so that it may see the password itself. */
  readonly serverVerified: boolean
  /** Whether the form's way of signing in is one that needs the server to see what is sent: a token, not a password. */
  readonly isToken: boolean
}

const clearPlugin = 'mysql_clear_password'
/** Of caching_sha2_password. */
const fastSuccess = 3
const fullAuthentication = 4
const scrambleLength = 20

/**
 * What a server asks for between the login and its verdict. The driver does whatever it is asked: it would send the
 * password to anybody over any encrypted connection, and encrypt it with whatever key an unencrypted server names.
 */
export class SignInDialogue {
  readonly #terms: SignInTerms
  #plugin: string
  #switched = false
  #shown = false
  #done = false

  constructor(terms: SignInTerms) {
    this.#terms = terms
    this.#plugin = terms.plugin
  }

  /** As far as it has come. */
  get plugin(): string {
    return this.#plugin
  }

  get done(): boolean {
    return this.#done
  }

  /** Throws what must keep the driver from seeing the packet. */
  accept(packet: Buffer): void {
    switch (packet[0]) {
      case marker.OK:
        this.#done = true
        return
      case marker.ERR:
        return
      case marker.EOF:
        this.#switchTo(packet)
        return
      case marker.MORE_DATA:
        this.#moreData(packet)
        return
      case marker.NEXT_FACTOR:
        throw new UnsupportedPluginError(`${nameIn(packet)} as a second factor`)
      default:
        throw new ProtocolFaultError('it sent a message of a kind that does not belong there')
    }
  }

  #switchTo(packet: Buffer): void {
    // Of one byte: the password hashes of 1998.
    const plugin = packet.length === 1 ? 'mysql_old_password' : nameIn(packet)
    if (this.#switched) throw new ProtocolFaultError('it asked for the password in another way more than once')
    this.#switched = true
    this.#plugin = plugin
    if (plugin === clearPlugin) {
      if (!this.#terms.serverVerified) throw new PasswordRefusedError(plugin)
      if (!this.#terms.isToken) throw new UnsupportedPluginError(plugin)
      return
    }
    if (plugin !== 'caching_sha2_password' && plugin !== 'mysql_native_password')
      throw new UnsupportedPluginError(plugin)
    const data = packet.length - packet.indexOf(0, 1) - 1
    if (data < scrambleLength || data > scrambleLength + 1)
      throw new ProtocolFaultError('its request for a sign-in is malformed')
  }

  #moreData(packet: Buffer): void {
    const [, kind] = packet
    const isKnown = packet.length === 2 && (kind === fastSuccess || kind === fullAuthentication)
    if (this.#plugin !== 'caching_sha2_password' || !isKnown || this.#shown)
      throw new ProtocolFaultError('its requests for a sign-in come in the wrong order')
    this.#shown = true
    if (kind === fullAuthentication && !this.#terms.serverVerified) throw new PasswordRefusedError(this.#plugin)
  }
}

/** The server chose it. */
function nameIn(packet: Buffer): string {
  const end = packet.indexOf(0, 1)
  const name = packet.toString('latin1', 1, end < 0 ? packet.length : end)
  return /^[A-Za-z0-9_.-]{1,64}$/.test(name) ? name : 'without a usable name'
}
