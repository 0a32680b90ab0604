import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { athenaFixture } from './fixtures/athena.ts'
import { bigqueryFixture } from './fixtures/bigquery.ts'
import { databricksFixture } from './fixtures/databricks.ts'
import { httpApiFixture } from './fixtures/http-api.ts'
import { mongodbFixture } from './fixtures/mongodb.ts'
import { mysqlFixture } from './fixtures/mysql.ts'
import { postgresFixture } from './fixtures/postgres.ts'
import { redshiftFixture } from './fixtures/redshift.ts'
import { s3Fixture } from './fixtures/s3.ts'
import { simulatorFixture } from './fixtures/simulator.ts'
import { snowflakeFixture } from './fixtures/snowflake.ts'
import type { TypeFixture } from './type-fixture.ts'

/** What the contract suites know of each registered type, by its name. A type without an entry fails them. */
export const fixtures: Readonly<Record<string, TypeFixture>> = {
  POSTGRES: postgresFixture,
  MYSQL: mysqlFixture,
  REDSHIFT: redshiftFixture,
  MONGODB: mongodbFixture,
  ATHENA: athenaFixture,
  S3: s3Fixture,
  BIGQUERY: bigqueryFixture,
  DATABRICKS: databricksFixture,
  SNOWFLAKE: snowflakeFixture,
  HTTP_API: httpApiFixture,
  SIMULATOR: simulatorFixture,
}

export interface NamedFixture {
  readonly name: string
  readonly fixture: TypeFixture
}

/** For `describe.each`: `fixtures.test.ts` sees to it that none is missing. */
export const registered: readonly NamedFixture[] = builtInConnectorTypes.flatMap(({ name }) => {
  const fixture = fixtures[name]
  return fixture ? [{ name, fixture }] : []
})

/** For `test.each`: every input of every registered type. */
export const registeredInputs = registered.flatMap(({ name, fixture }) =>
  Object.entries(fixture.inputs).map(([inputName, input]) => ({ name, inputName, fixture, input })),
)
