import { Socket } from 'node:net'

const { connect } = Socket.prototype
await import('../made-up-child.ts')
// What an instrumentation would do that wraps what it had found before.
Socket.prototype.connect = connect
