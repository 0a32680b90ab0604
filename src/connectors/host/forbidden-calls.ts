import dgram from 'node:dgram'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import os from 'node:os'
import { recordRefusal } from './guard-record.ts'
import { EgressDeniedError } from './network-guard-errors.ts'

function refusing(what: string) {
  // Not an arrow function: some of these are called with `new`.
  return function refuse(): never {
    recordRefusal()
    throw new EgressDeniedError(what)
  }
}

/** Each value is looked up by name, since types leave half of them out. */
const forbidden: readonly (readonly [object: object, what: string, names: readonly string[]])[] = [
  [dgram, 'UDP', ['createSocket', 'Socket', '_createSocketHandle']],
  [dgram.Socket.prototype, 'UDP', ['bind', 'bindSync', 'connect', 'connectSync', 'send', 'sendto']],
  [net.Server.prototype, 'Listening', ['listen', '_listen2']],
  [net, 'Listening', ['_createServerHandle', 'BoundSocket']],
  // Permissions of Node cover none of these: a child may signal the server, and make it open its debugger.
  [process, 'A signal', ['kill', '_kill', '_debugProcess', '_debugEnd']],
  [os, 'A change of priority', ['setPriority']],
]

/** Takes from this process what no driver needs: datagrams, listening sockets (HTTP and TLS included) and signals. */
export function forbidCalls(): void {
  for (const [object, what, names] of forbidden) {
    for (const name of names) {
      if (name in object) Object.defineProperty(object, name, { value: refusing(what), writable: true })
    }
  }
  // What was imported by name follows.
  syncBuiltinESMExports()
}
