import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * What a child must be able to read: the folders of its code (`src/` or `dist/`) and every `node_modules` in which Node
 * would look for packages from there. A folder that is a link counts under both its paths, since Node asks for both.
 */
export function connectorHostReadRoots(codeFolders: readonly URL[]): readonly string[] {
  const code = codeFolders.map(folder => resolve(fileURLToPath(folder))).flatMap(bothPaths)
  const packages = code.flatMap(ancestors).map(folder => join(folder, 'node_modules'))
  return [...new Set([...code, ...packages.filter(existsSync).flatMap(bothPaths)])]
}

export class UnsafeReadRootError extends Error {
  constructor(path: string, root: string) {
    super(
      `"${path}" lies inside "${root}", which the processes that talk to data sources can read. ` +
        "Move it out of the program's own folders.",
    )
    this.name = 'UnsafeReadRootError'
  }
}

/**
 * Refuses to let children read what must stay hidden from them. `forbiddenPaths`: the data folder, the master key,
 * `.env`; they need not exist. Throws `UnsafeReadRootError`.
 */
export function assertReadRootsSafe(readRoots: readonly string[], forbiddenPaths: readonly string[]): void {
  // A link inside a root opens its target too: the permission model compares the path asked for, not where it leads.
  const readable = readRoots.flatMap(root => [realpathSync(root), ...linkedPackages(root)])
  for (const path of forbiddenPaths) {
    const real = realPathOf(path)
    const root = readable.find(
      folder => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep),
    )
    if (root !== undefined) throw new UnsafeReadRootError(path, root)
  }
}

const bothPaths = (path: string): string[] => [path, realpathSync(path)]

function ancestors(folder: string): string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...ancestors(parent)]
}

/** The real path of a file that may not exist yet. */
function realPathOf(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : join(realPathOf(parent), basename(path))
}

/** Where the linked packages of a `node_modules` folder really are (`npm link`, workspaces). */
function linkedPackages(root: string): string[] {
  if (basename(root) !== 'node_modules') return []
  const scopes = readdirSync(root).filter(name => name.startsWith('@'))
  return [root, ...scopes.map(scope => join(root, scope))]
    .flatMap(folder => readdirSync(folder, { withFileTypes: true }))
    .filter(entry => entry.isSymbolicLink())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(existsSync)
    .map(path => realpathSync(path))
}
