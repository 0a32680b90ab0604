import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Run by `ServerChild`. json-server's own program watches a file, and cannot be told to take a free port.

const [home = '', settings = '{}'] = process.argv.slice(2)
const { data } = JSON.parse(settings) as { readonly data: object }

interface Application {
  listen(port: number, ready: () => void, host: string): { address(): AddressInfo | string | null }
}
const load = (path: string) => import(pathToFileURL(path).href)
const packages = join(home, 'node_modules')
// What npm has installed has no types here.
const { createApp } = (await load(join(packages, 'json-server', 'lib', 'app.js'))) as {
  createApp(database: object, options: object): Application
}
const { Low, Memory } = (await load(join(packages, 'lowdb', 'lib', 'index.js'))) as {
  readonly Low: new (adapter: object, data: object) => object
  readonly Memory: new () => object
}

const app = createApp(new Low(new Memory(), data), { logger: false, static: [] })
const server = app.listen(0, () => process.send?.({ port: (server.address() as AddressInfo).port }), '127.0.0.1')
