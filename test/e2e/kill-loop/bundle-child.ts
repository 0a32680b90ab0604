import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** Native, or loaded only where needed: found where they are installed, wherever the bundle lies. */
const packagesOutside = /^(better-sqlite3|pg|node-vault|undici|ssh2|@aws-sdk\/.*)$/

const installed: Plugin = {
  name: 'installed',
  setup({ onResolve }) {
    onResolve({ filter: packagesOutside }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined
      return { path: import.meta.resolve(path), external: true }
    })
  },
}

/** What the processes of the kill loop run. */
export interface Program extends AsyncDisposable {
  readonly file: string
}

/** Bundled, but with its failpoints: from a few files it starts eight times as fast as from four hundred. */
export async function bundleChild(): Promise<Program> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-kill-loop-program-'))
  await build({
    entryPoints: { child: fileURLToPath(new URL('./child.ts', import.meta.url)) },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.14',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    plugins: [installed],
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(${JSON.stringify(pathToFileURL(import.meta.filename))});`,
    },
  })
  return {
    file: join(directory, 'child.mjs'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}
