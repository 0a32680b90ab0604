import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const source = join(import.meta.dirname, '..', 'src')
const files = globSync('**/*.ts', { cwd: source })
  .map(file => file.split(sep).join('/'))
  .toSorted()

const textOf = (file: string): string => readFileSync(join(source, file), 'utf8')

/** Every module of the program that a file imports, types included, as paths from `src`. */
function importsOf(file: string): readonly string[] {
  const text = textOf(file)
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    relative(source, join(source, dirname(file), path))
      .split(sep)
      .join('/'),
  )
}

const layerOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : 'root')

/** What a layer may import beside itself. `secrets` keeps its rows through `db`; `db` stores plain data of `connectors`. */
const allowed: Record<string, readonly string[]> = {
  connectors: [],
  db: ['connectors'],
  secrets: ['connectors', 'db'],
  services: ['connectors', 'db', 'secrets'],
  identity: ['connectors', 'db', 'services'],
  schema: ['connectors', 'db', 'services'],
  admin: ['connectors', 'db', 'secrets', 'services'],
}

describe('the layers', () => {
  test.each(Object.entries(allowed))('%s imports only what lies below it', (layer, below) => {
    const own = files.filter(file => layerOf(file) === layer)
    expect(own.length).toBeGreaterThan(0)
    const wrong = own.flatMap(file =>
      importsOf(file)
        .filter(imported => ![layer, ...below].includes(layerOf(imported)))
        .map(imported => `${file} imports ${imported}`),
    )
    expect(wrong).toEqual([])
  })

  const shared = ['aws', 'blocks', 'cloud', 'files', 'host', 'network', 'postgres-protocol', 'scrub', 'session', 'sql']
  const types = [...new Set(files.map(file => /^connectors\/([^/]+)\//.exec(file)?.[1] ?? ''))].filter(
    folder => folder !== '' && !shared.includes(folder),
  )

  test.each(types)('the type %s has the files of every type and imports no other type', type => {
    const own = files.filter(file => file.startsWith(`connectors/${type}/`))
    const expected = ['form', 'index', 'open', 'problems', 'query', 'steps'].map(
      name => `connectors/${type}/${name}.ts`,
    )
    expect(own).toEqual(expect.arrayContaining(expected))
    const others = own.flatMap(importsOf).filter(imported => {
      const folder = /^connectors\/([^/]+)\//.exec(imported)?.[1]
      return folder !== undefined && folder !== type && (types.includes(folder) || folder === 'host')
    })
    expect(others).toEqual([])
  })

  test.each(shared.filter(folder => folder !== 'host'))('the folder %s knows no type', folder => {
    const own = files.filter(file => file.startsWith(`connectors/${folder}/`))
    expect(own.length).toBeGreaterThan(0)
    const outside = own.flatMap(importsOf).filter(imported => {
      const other = /^connectors\/([^/]+)\//.exec(imported)?.[1] ?? ''
      return types.includes(other) || other === 'host' || imported === 'connectors/registry.ts'
    })
    expect(outside).toEqual([])
  })
})

describe('the fence around rows', () => {
  const keepsRows = (file: string) => ['db', 'secrets', 'admin'].includes(layerOf(file))
  const outside = files.filter(file => !keepsRows(file))
  const filesWith = (of: readonly string[], wanted: RegExp) => of.filter(file => wanted.test(textOf(file)))

  test('SQL is written, and tables are named, only where rows are kept', () => {
    expect(filesWith(outside, /['"]drizzle-orm|db\/schema\.(?:sqlite|postgres)/)).toEqual([])
    const others = outside.filter(file => layerOf(file) !== 'connectors')
    const query = /\b(?:read|tx|reader|writer)\s*\.\s*(?:select|selectDistinct|\$count|with|insert|update|delete)\b/
    expect(filesWith(others, query)).toEqual([])
    expect(filesWith(others, /\.tables\b|\btables\s*[,:}].*Database\b|\[['"]tables['"]\]/)).toEqual([])
    // So that what is looked for above would be found.
    expect(filesWith(files, query).length).toBeGreaterThan(10)
    expect(filesWith(files, /\.tables\b/).length).toBeGreaterThan(5)
  })

  test('the linter refuses SQL elsewhere', async () => {
    const offending = "import { eq } from 'drizzle-orm'\nimport type { connectors } from '../db/schema.sqlite.ts'\n"
    const paths = ['src/services/made-up.ts', 'src/schema/made-up.ts', 'src/db/made-up.ts']
    expect(await lintedAs(paths, offending, 'lint/style/noRestrictedImports')).toEqual([
      'src/schema/made-up.ts',
      'src/schema/made-up.ts',
      'src/services/made-up.ts',
      'src/services/made-up.ts',
    ])
  })

  test('a schema and what surrounds a request reach no store but through services', () => {
    const inFront = files.filter(file => layerOf(file) === 'schema' || /^use-[^/]+\.ts$/.test(file))
    expect(inFront.length).toBeGreaterThan(20)
    // Types of rows are no way to them.
    expect(filesWith(inFront, /^import (?!type )[^']*'[^']*db\/[^']*-(?:store|leases|retention)\.ts'/m)).toEqual([])
    expect(filesWith(inFront, /\b(?:create[A-Z]\w*Store|\w+Store)\(/)).toEqual([])
  })

  test('workspaces are named only where it is known who asks, and from rows that were read', () => {
    // An operator's command is for any workspace.
    const serving = files.filter(file => layerOf(file) !== 'admin')
    expect(filesWith(serving, /\bWorkspaceScope\.of\b/)).toEqual([
      'db/scope-of-row.ts',
      'identity/jwt/viewer-of-claims.ts',
      // Seals what others have written, a workspace at a time.
      'services/audit-sealer.ts',
      // Of `AUTH=none`.
      'services/viewer.ts',
    ])
    expect(filesWith(serving, /\bscopeOfRow\(/)).toEqual([
      'db/connection-test-leases.ts',
      'db/connection-test-retention.ts',
      'db/sign-in-store.ts',
      // The row of the token that a request has proven to hold.
      'identity/token-authenticator.ts',
      'identity/token-use.ts',
      'services/secret-reaper.ts',
      'services/secret-versions.ts',
    ])
  })
})

/** The paths of what a lint rule of this project would find, if there were such files. */
async function lintedAs(paths: readonly string[], text: string, rule: string): Promise<readonly string[]> {
  const root = join(source, '..')
  const copy = await mkdtemp(join(tmpdir(), 'patchbay-lint-'))
  try {
    await copyFile(join(root, 'biome.json'), join(copy, 'biome.json'))
    for (const path of paths) {
      await mkdir(dirname(join(copy, path)), { recursive: true })
      await writeFile(join(copy, path), text)
    }
    const biome = join(root, 'node_modules', '.bin', 'biome')
    const { stdout } = spawnSync(biome, ['lint', '--vcs-enabled=false', '--reporter=json'], {
      cwd: copy,
      encoding: 'utf8',
    })
    const { diagnostics } = lintReport.parse(JSON.parse(stdout))
    return diagnostics
      .filter(({ category }) => category === rule)
      .map(({ location }) => location.path)
      .toSorted()
  } finally {
    await rm(copy, { recursive: true })
  }
}

const lintReport = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
})
