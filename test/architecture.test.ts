import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const source = join(import.meta.dirname, '..', 'src')
const files = globSync('**/*.ts', { cwd: source }).map(file => file.split(sep).join('/'))

/** Every module of the program that a file imports, types included, as paths from `src`. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(source, file), 'utf8')
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
