import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { type Keyring, openKeyring } from '../../src/secrets/keyring.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import { fastSqlite } from './fast-databases.ts'

let database: Database
let keyring: Keyring
beforeAll(async () => {
  database = await fastSqlite.open()
  keyring = await openKeyring(database, await newMasterKey())
})
afterAll(() => database.close())

test('a key that was found for its workspace is not found for another one after that', async () => {
  const { id } = await keyring.current('north', 'SECRETS')
  expect(await keyring.find('north', 'SECRETS', id)).not.toBeNull()
  expect(await keyring.find('south', 'SECRETS', id)).toBeNull()
  expect(await keyring.find('north', 'SECRETS', id)).not.toBeNull()
})
