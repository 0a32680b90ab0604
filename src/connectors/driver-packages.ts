import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { DriverPackage } from './define.ts'

const { resolve } = createRequire(import.meta.url)

/** Whether a package lies where this program would load it from. Nothing of it is loaded. */
export const isInstalled = ({ name }: Pick<DriverPackage, 'name'>): boolean =>
  (resolve.paths(name) ?? []).some(folder => existsSync(join(folder, name, 'package.json')))

/** What to run in the folder of this program to get packages that are not there, in the versions that it was tested with. */
export const installCommand = (missing: readonly DriverPackage[]): string =>
  `npm install --no-save ${missing.map(({ name, version }) => `${name}@${version}`).join(' ')}`
