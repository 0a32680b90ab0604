import { type Installation, install } from './install.ts'
import { type MysqlOptions, MysqlProcess } from './mysql-process.ts'

const program = '/usr/sbin/mariadbd'

export const installMariadb = (): Promise<Installation> => install('mariadb-server', program)

/** A real MariaDB of its own on loopback. */
export const startMariadb = (options: MysqlOptions = {}): Promise<MysqlProcess> =>
  MysqlProcess.start(
    {
      program,
      initialize: directory => [
        '/usr/bin/mariadb-install-db',
        '--no-defaults',
        `--datadir=${directory}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--skip-name-resolve',
      ],
    },
    options,
  )
