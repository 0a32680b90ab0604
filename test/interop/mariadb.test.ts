import { test } from 'vitest'
import { installMariadb, startMariadb } from './mariadb-server.ts'
import { describeFaults } from './mysql-faults.ts'
import { describeListings } from './mysql-listings.ts'
import { describePrivileges } from './mysql-privileges.ts'
import type { Product } from './mysql-product.ts'
import { describeQueries } from './mysql-queries.ts'

const installation = await installMariadb()
const mariadb: Product = {
  name: 'MariaDB',
  start: startMariadb,
  native: "identified by 'pw'",
  refusesClearTextAs: 'CREDENTIALS_REJECTED',
  unknownStatements: [],
  unsupportedSignIn: {
    before: "install soname 'auth_ed25519'",
    identified: "identified via ed25519 using password('pw')",
    plugin: 'client_ed25519',
  },
}

if (installation.installed) {
  describeFaults(mariadb)
  describeQueries(mariadb)
  describeListings(mariadb)
  describePrivileges(mariadb)
} else test('MariaDB', context => context.skip(installation.reason))
