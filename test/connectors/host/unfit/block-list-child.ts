import { channel } from 'node:diagnostics_channel'
import { Socket } from 'node:net'

// A Node that never asks a socket's block list: what connects is a socket that has none.
const { connect } = Socket.prototype
channel('net.client.socket').publish = () => {}
Socket.prototype.connect = function (this: Socket, ...args: never[]) {
  const inner = new Socket()
  inner.once('connect', () => this.emit('connect')).once('error', error => this.destroy(error))
  Reflect.apply(connect, inner, args)
  return this
} as typeof connect
await import('../made-up-child.ts')
