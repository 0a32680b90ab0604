import { test } from 'vitest'
import { describeFaults } from './mysql-faults.ts'
import { describeListings } from './mysql-listings.ts'
import { describePrivileges } from './mysql-privileges.ts'
import type { Product } from './mysql-product.ts'
import { describeQueries } from './mysql-queries.ts'
import { installMysql, startMysql } from './mysql-server.ts'

const installation = await installMysql()
const mysql: Product = {
  name: 'MySQL',
  start: startMysql,
  native: "identified with mysql_native_password by 'pw'",
  refusesClearTextAs: 'TLS_REQUIRED_BY_SERVER',
  unknownStatements: ['explain extended select 1'],
  unsupportedSignIn: {
    before: 'do 0',
    identified: "identified with sha256_password by 'pw'",
    plugin: 'sha256_password',
  },
}

if (installation.installed) {
  describeFaults(mysql)
  describeQueries(mysql)
  describeListings(mysql)
  describePrivileges(mysql)
} else test('MySQL 8', context => context.skip(installation.reason))
