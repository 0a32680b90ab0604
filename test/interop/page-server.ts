import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { build } from 'esbuild'

const source = join(import.meta.dirname, '..', '..', 'examples', 'connector-page')
const types: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
}

/** The example page, bundled and served from an origin of its own, as a product's frontend is. */
export class PageServer implements AsyncDisposable {
  readonly origin: string
  readonly #server: Server
  readonly #folder: string

  private constructor(server: Server, folder: string) {
    this.#server = server
    this.#folder = folder
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async start(): Promise<PageServer> {
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-page-'))
    await build({
      entryPoints: [join(source, 'app.tsx')],
      outfile: join(folder, 'app.js'),
      bundle: true,
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'warning',
    })
    const server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://page')
      const name = pathname === '/' ? 'index.html' : pathname.slice(1)
      const file = name === 'app.js' ? join(folder, name) : join(source, name)
      try {
        const content = await readFile(file)
        response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(content)
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new PageServer(server, folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
    await rm(this.#folder, { recursive: true, force: true })
  }
}
