import type { RequestListener, Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

// Run by `ServerChild`. json-server's own program watches a file, and cannot be told to take a free port.

const [home = '', settings = '{}'] = process.argv.slice(2)
const { data, issuer, audience, checker, scope } = JSON.parse(settings) as {
  readonly data: object
  /** Who has to have given out the tokens of whoever asks; everybody may ask when it is not given. */
  readonly issuer?: string
  readonly audience?: string
  /** What tokens have to be good for. */
  readonly scope?: string
  /** Where the library is that checks them. */
  readonly checker?: string
}

interface Application {
  use(middleware: unknown): void
  get(path: string, handler: RequestListener): void
  listen(port: number, host: string): Server
}
// What npm has installed has no types here.
const jsonServer = createRequire(join(home, 'package.json'))('json-server') as {
  create(): Application
  router(data: object): unknown
}

const app = jsonServer.create()
if (issuer !== undefined && checker !== undefined) {
  const { auth, requiredScopes } = createRequire(join(checker, 'package.json'))('express-oauth2-jwt-bearer') as {
    auth(options: object): unknown
    requiredScopes(scope: string): unknown
  }
  app.use(auth({ issuer, jwksUri: `${issuer}/jwks`, audience, tokenSigningAlg: 'RS256' }))
  if (scope !== undefined) app.use(requiredScopes(scope))
}
app.use(jsonServer.router(data))
const server = app.listen(0, '127.0.0.1')
server.once('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }))
