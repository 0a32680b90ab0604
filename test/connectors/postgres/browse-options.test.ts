import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyItem } from '../../servers/listing-run.ts'
import { PostgresServer } from '../../servers/postgres.ts'
import { expectListingProblem, inputFor, optionsFor, sound } from './listing-expectations.ts'

const open = ['host all all 127.0.0.1/32 scram-sha-256']

let server: PostgresServer
beforeAll(async () => {
  server = await PostgresServer.start({ hba: open })
  await server.sql(`create role ann login password 'pw'`)
  for (const name of ['shop', 'Archive', 'secret', 'closed']) await server.sql(`create database "${name}"`)
  await server.sql(`
    comment on database shop is 'What is sold'; revoke connect on database secret from public;
    alter database closed allow_connections false;
    create schema sales; grant usage on schema sales to ann; comment on schema sales is 'Since 2020'; create schema payroll`)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const ann = (change = {}) => inputFor(server.port, 'ann', change)
const valuesOf = (listing: Awaited<ReturnType<typeof optionsFor>>) => sound(listing).map(({ value }) => value)

describe('the databases of a PostgreSQL server', () => {
  it('are those that the account may connect to, without templates', async () => {
    expect(sound(await optionsFor(ann(), 'database'))).toEqual([
      { value: 'Archive' },
      { value: 'postgres', help: 'default administrative connection database' },
      { value: 'shop', help: 'What is sold' },
    ])
    const pages = await everyItem(1, page => optionsFor(ann(), 'database', page))
    expect(pages.map(({ value }) => value)).toEqual(['Archive', 'postgres', 'shop'])
    expect(valuesOf(await optionsFor(ann(), 'database', { search: 'ARCH' }))).toEqual(['Archive'])
  })

  it.each([
    ['does not exist', 'nowhere', 'DATABASE_NOT_FOUND'],
    ['is closed to the account', 'secret', 'DATABASE_ACCESS_DENIED'],
    ['lets nobody in', 'closed', 'DATABASE_CLOSED'],
  ] as const)('are told beside what is wrong with the one of the form that %s', async (_, database, code) => {
    const listing = await optionsFor(ann({ database }), 'database')
    expect(listing.items.map(({ value }) => value)).toEqual(['Archive', 'postgres', 'shop'])
    expect(expectListingProblem(listing, code).fields).toContain('database')
  })

  it('are told from the database that has the account\'s name, or from the template, where there is no "postgres"', async () => {
    await using other = await PostgresServer.start({ hba: open })
    await other.sql(`create role ann login password 'pw'`)
    await other.sql('create database shop')
    await other.sql('drop database postgres', 'template1')
    const input = inputFor(other.port, 'ann')
    const fromTemplate = await optionsFor(input, 'database')
    expect(fromTemplate.items).toEqual([{ value: 'shop' }])
    expectListingProblem(fromTemplate, 'DATABASE_NOT_FOUND')
    await other.sql('create database ann', 'template1')
    const before = other.log.length
    expect((await optionsFor(input, 'database')).items).toEqual([{ value: 'ann' }, { value: 'shop' }])
    const asked = [...other.log.slice(before).matchAll(/connection authorized: user=ann database=(\w+)/g)]
    // The first has let the account in before it found itself to be missing.
    expect(asked.map(([, database]) => database)).toEqual(['postgres', 'ann'])
  })

  it('are told where the server lets accounts into their own database alone', async () => {
    await using other = await PostgresServer.start({
      hba: [
        'host sameuser tenant 127.0.0.1/32 scram-sha-256',
        'host all tenant 127.0.0.1/32 reject',
        'host all admin 127.0.0.1/32 scram-sha-256',
      ],
    })
    await other.sql(`create role tenant login password 'pw'`)
    await other.sql('create database tenant')
    const listing = await optionsFor(inputFor(other.port, 'tenant'), 'database')
    expect(listing.items.map(({ value }) => value)).toEqual(['postgres', 'tenant'])
    expectListingProblem(listing, 'HOST_RULE_REJECTED')
  })

  it('are asked for once where the password is wrong', async () => {
    const before = server.log.length
    const input = ann({ auth: { password: { username: 'ann', password: 'wrong' } } })
    const listing = await optionsFor(input, 'database')
    expect(listing.items).toEqual([])
    expect(expectListingProblem(listing, 'CREDENTIALS_REJECTED').fields[0]).toBe('auth.password.password')
    expect([...server.log.slice(before).matchAll(/connection received/g)]).toHaveLength(1)
  })
})

describe('the schemas of a PostgreSQL database', () => {
  it('are all that there are, with a word on those that are closed to the account', async () => {
    const expected = [
      { value: 'payroll', help: expect.stringContaining('USAGE') },
      { value: 'public', help: 'standard public schema' },
      { value: 'sales', help: 'Since 2020' },
    ]
    expect(sound(await optionsFor(ann(), 'schemas'))).toEqual(expected)
    // What has been chosen before is no reason to leave out the rest.
    expect(sound(await optionsFor(ann({ schemas: ['sales', 'gone'] }), 'schemas'))).toEqual(expected)
    expect(valuesOf(await optionsFor(ann(), 'schemas', { search: 'AL' }))).toEqual(['sales'])
  })

  it('are those of the database that the form has, if there is one', async () => {
    expect(valuesOf(await optionsFor(ann({ database: 'shop' }), 'schemas'))).toEqual(['public'])
    const listing = await optionsFor(ann({ database: 'nowhere' }), 'schemas')
    expect(listing.items).toEqual([])
    expectListingProblem(listing, 'DATABASE_NOT_FOUND')
  })
})
