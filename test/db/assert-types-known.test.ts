import { expect, test } from 'vitest'
import { assertTypesKnown } from '../../src/db/assert-types-known.ts'
import { connectorRow, datasetRow } from '../schema/schema-world.ts'
import { testDatabases } from '../servers/databases.ts'

test.each(testDatabases)('types that the program does not have are named, on $name', async testDatabase => {
  const database = await testDatabase.open()
  const { connectors, datasets } = database.tables
  await assertTypesKnown(database, ['POSTGRES'])
  await database.write(async tx => {
    await tx
      .insert(connectors)
      .values(connectorRow('c1', { typeName: 'POSTGRES' }))
      .returning()
    await tx
      .insert(connectors)
      .values(connectorRow('c2', { typeName: 'SNOWFLAKE' }))
      .returning()
    await tx
      .insert(datasets)
      .values(datasetRow('d1', { typeName: 'MYSQL', connectorId: null }))
      .returning()
  })
  await assertTypesKnown(database, ['POSTGRES', 'SNOWFLAKE', 'MYSQL'])
  await expect(assertTypesKnown(database, ['POSTGRES'])).rejects.toMatchObject({
    name: 'DatabaseError',
    reason: 'NEWER',
    message: expect.stringContaining('MYSQL, SNOWFLAKE'),
  })
  await database.close()
})
