import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GoProgram } from './go-install.ts'

const version = 'v1.24.0'

const ferretDb = new GoProgram({
  module: 'github.com/FerretDB/FerretDB',
  version,
  name: 'ferretdb',
  // It refuses to start without a file that a release writes.
  prepare: source => writeFile(join(source, 'build', 'version', 'version.txt'), `${version}\n`),
  check: async program => {
    const { stdout: said } = await promisify(execFile)(program, ['--version'])
    if (!said.includes(version)) throw new Error(`What was built is no FerretDB ${version}: ${said}`)
  },
})

export const ferretDbProgram = ferretDb.path

/** Builds FerretDB from its Go module. */
export const installFerretDb = () => ferretDb.install()
