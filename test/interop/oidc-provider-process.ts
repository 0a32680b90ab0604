import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Run by `ServerChild`. A provider has to know its port before it is made.

const [home = '', settings = '{}'] = process.argv.slice(2)
const {
  key,
  certificate,
  clients,
  resource,
  scope,
  algorithms = {},
  claims = {},
  jwks,
} = JSON.parse(settings) as {
  readonly key: string
  readonly certificate: string
  readonly clients: readonly object[]
  /** Which API its tokens are for. */
  readonly resource: string
  /** All that there is, with spaces between; a client may ask for what is registered of it. */
  readonly scope: string
  /** Of tokens for other APIs than that one; RS256 where an API is not named. */
  readonly algorithms?: Readonly<Record<string, string>>
  /** In all tokens, beside those of the provider's own. */
  readonly claims?: object
  /** Private keys; without, the provider has some of its own. */
  readonly jwks?: { readonly keys: readonly object[] }
}

// What npm has installed has no types here.
const { default: Provider } = (await import(
  pathToFileURL(join(home, 'node_modules', 'oidc-provider', 'lib', 'index.js')).href
)) as { readonly default: new (issuer: string, configuration: object) => { callback(): RequestListener } }

let answer: RequestListener = (_, response) => response.writeHead(503).end()
const server = createServer({ key, cert: certificate }, (request, response) => answer(request, response))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  const provider = new Provider(`https://127.0.0.1:${port}`, {
    clients,
    scopes: scope.split(' '),
    extraTokenClaims: () => claims,
    ...(jwks && { jwks }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: object, wanted: string) => ({
          scope,
          audience: wanted,
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: algorithms[wanted] ?? 'RS256' } },
        }),
      },
    },
  })
  answer = provider.callback()
  process.send?.({ port })
})
