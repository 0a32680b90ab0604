import dgram, { createSocket } from 'node:dgram'

const original = createSocket
await import('../made-up-child.ts')
dgram.createSocket = original
