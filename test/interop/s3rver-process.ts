import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

// Run by `S3rverServer`: s3rver's own program knows only a key that is no key of AWS by its form.

const [home = '', directory = '', accessKeyId = '', secretAccessKey = ''] = process.argv.slice(2)

interface S3rver {
  readonly httpServer: Server
  run(): Promise<{ readonly port: number }>
}

// What npm has installed has no types here.
const require = createRequire(join(home, 'package.json'))
const S3rver = require('s3rver') as new (options: object) => S3rver
const { DUMMY_ACCOUNT } = require('s3rver/lib/models/account') as {
  readonly DUMMY_ACCOUNT: { createKeyPair(accessKeyId: string, secretAccessKey: string): void }
}

DUMMY_ACCOUNT.createKeyPair(accessKeyId, secretAccessKey)
const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory })
const { port } = await server.run()
server.httpServer.on('request', ({ method, url, headers: { range } }) => {
  process.send?.({ request: { target: `${method} ${url}`, range: range ?? null } })
})
// Behind everything that was told before.
process.on('message', () => process.send?.({ told: true }))
process.send?.({ port })
