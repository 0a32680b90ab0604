import { Server } from 'node:net'

const { listen } = Server.prototype
await import('../made-up-child.ts')
Server.prototype.listen = listen
