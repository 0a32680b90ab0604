import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type Conformance,
  dataOf,
  done,
  found,
  mountKv,
  nothingThere,
  refused,
  time,
} from './vault-conformance-target.ts'

const casMismatch = refused(400, 'check-and-set parameter did not match the current version')
const metadataOf = (version: number, more: object = {}) => ({
  created_time: time,
  custom_metadata: null,
  deletion_time: '',
  destroyed: false,
  version,
  ...more,
})

export function describeKvOf(conformance: Conformance): void {
  const { ask, operate } = conformance

  describe('KV version 2', () => {
    let path = ''
    beforeEach(() => {
      path = `conformance/${randomUUID()}`
    })
    const write = (data: object, options?: object) =>
      ask('POST', `secret/data/${path}`, { body: { ...(options && { options }), data } })
    const read = (query = '') => ask('GET', `secret/data/${path}${query}`)
    const onVersions = (area: string, ...versions: number[]) =>
      ask('PUT', `secret/${area}/${path}`, { body: { versions } })

    test('writes a version and reads it', async () => {
      expect(await write({ a: '1' }, { cas: 0 })).toEqual(found(metadataOf(1)))
      expect(await ask('PUT', `secret/data/${path}`, { body: { options: { cas: 1 }, data: { a: '2' } } })).toEqual(
        found(metadataOf(2)),
      )
      expect(await read()).toEqual(found({ data: { a: '2' }, metadata: metadataOf(2) }))
      expect(await read('?version=0')).toEqual(found({ data: { a: '2' }, metadata: metadataOf(2) }))
      expect(await read('?version=1')).toEqual(found({ data: { a: '1' }, metadata: metadataOf(1) }))
      expect(await read('?version=3')).toEqual(nothingThere)
      expect(await read('?version=x')).toEqual(refused(400, expect.stringContaining('Field validation failed')))
    })

    test('compares the version before it writes', async () => {
      expect(await write({}, { cas: 1 })).toEqual(casMismatch)
      expect(await write({ a: '1' }, { cas: 0 })).toEqual(found(metadataOf(1)))
      expect(await write({ a: '2' }, { cas: 0 })).toEqual(casMismatch)
      expect(await write({ a: '2' }, { cas: 2 })).toEqual(casMismatch)
      expect(await write({ a: '2' }, { cas: 'x' })).toEqual(refused(400, 'error parsing check-and-set parameter'))
      expect(await write({ a: '2' }, { cas: '1' })).toEqual(found(metadataOf(2)))
      expect(await write({ a: '3' }, {})).toEqual(found(metadataOf(3)))
    })

    test('lets one of those who write at once have the first version', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => write({ a: String(n) }, { cas: 0 })))
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)])
      expect(answers.filter(({ status }) => status === 400)).toEqual(Array(7).fill(casMismatch))
    })

    test('refuses what is no set of values', async () => {
      const send = (body: object) => ask('POST', `secret/data/${path}`, { body })
      expect(await send({})).toEqual(refused(400, 'no data provided'))
      expect(await send({ options: { cas: 0 } })).toEqual(refused(400, 'no data provided'))
      expect(await send({ data: 'text' })).toEqual(
        refused(400, expect.stringContaining('error converting input for field "data"')),
      )
      expect(await send([1])).toEqual(refused(400, expect.stringContaining('failed to decode JSON input')))
      expect(await ask('POST', 'secret/data/conformance/', { body: { data: {} } })).toEqual(
        refused(400, "cannot write to a path ending in '/'"),
      )
      expect(await read()).toEqual(nothingThere)
      expect(await write({})).toEqual(found(metadataOf(1)))
      expect(await read()).toEqual(found({ data: {}, metadata: metadataOf(1) }))
    })

    test('gives back values as they are', async () => {
      const data = JSON.parse(
        '{"__proto__":"a","constructor":"b","":"c","é\\u0000":"<>&\\u2028\\u2029","toString":{"e":null,"f":[1.5,true]}}',
      )
      await write(data, { cas: 0 })
      const answer = await read()
      const got = dataOf(answer)['data'] as object
      expect(Object.entries(got).sort()).toEqual(Object.entries(data).sort())
    })

    test('deletes softly, and takes it back', async () => {
      await write({ a: '1' }, { cas: 0 })
      expect(await ask('DELETE', `secret/data/${path}`)).toEqual(done)
      const deleted = { data: null, metadata: metadataOf(1, { deletion_time: time }) }
      expect(await read()).toEqual(found(deleted, 404))
      expect(await read('?version=1')).toEqual(found(deleted, 404))
      expect(await write({ a: '2' }, { cas: 0 })).toEqual(casMismatch)
      expect(await onVersions('undelete', 1)).toEqual(done)
      expect(await read()).toEqual(found({ data: { a: '1' }, metadata: metadataOf(1) }))
      await write({ a: '2' }, { cas: 1 })
      expect(await onVersions('delete', 1)).toEqual(done)
      expect(await read()).toMatchObject({ status: 200 })
      expect(await read('?version=1')).toEqual(found(deleted, 404))
    })

    test('destroys for good, as often as it is asked to, and only what is there', async () => {
      expect(await onVersions('destroy', 1)).toEqual(done)
      expect(await write({ a: '1' }, { cas: 0 })).toEqual(found(metadataOf(1)))
      expect([await onVersions('destroy', 1), await onVersions('destroy', 1, 7)]).toEqual([done, done])
      expect(await read()).toEqual(found({ data: null, metadata: metadataOf(1, { destroyed: true }) }, 404))
      expect(await onVersions('undelete', 1)).toEqual(done)
      expect(await read()).toMatchObject({ status: 404 })
      expect(await write({ a: '1' }, { cas: 0 })).toEqual(casMismatch)
      expect(await onVersions('destroy')).toEqual(refused(400, 'no version number provided'))
    })

    test('counts from 1 again once it has forgotten everything', async () => {
      await write({ a: '1' }, { cas: 0 })
      await onVersions('destroy', 1)
      expect(await ask('DELETE', `secret/metadata/${path}`)).toEqual(done)
      expect(await ask('DELETE', `secret/metadata/${path}`)).toEqual(done)
      expect([await read(), await ask('GET', `secret/metadata/${path}`)]).toEqual([nothingThere, nothingThere])
      expect(await write({ a: '2' }, { cas: 0 })).toEqual(found(metadataOf(1)))
    })

    test.each([
      ['ten', null, 11, 2],
      ['as many as the path says', 2, 5, 4],
    ])('keeps %s versions', async (_, max, writes, oldest) => {
      if (max !== null)
        expect(await ask('POST', `secret/metadata/${path}`, { body: { max_versions: max } })).toEqual(done)
      for (let n = 1; n <= writes; n += 1) await write({ n }, max === null || n > 1 ? {} : { cas: 0 })
      expect(await read(`?version=${oldest - 1}`)).toEqual(nothingThere)
      expect(await read(`?version=${oldest}`)).toMatchObject({ status: 200 })
      const described = await ask('GET', `secret/metadata/${path}`)
      const versions = Array.from({ length: writes - oldest + 1 }, (_, index) => String(oldest + index))
      expect(dataOf(described)).toMatchObject({ current_version: writes, oldest_version: oldest })
      expect(Object.keys(dataOf(described)['versions'] as object).sort()).toEqual(versions.sort())
    })

    test('describes a path', async () => {
      await write({ a: '1' }, { cas: 0 })
      await onVersions('destroy', 1)
      await write({ a: '2' }, { cas: 1 })
      expect(await ask('GET', `secret/metadata/${path}`)).toEqual(
        found(
          expect.objectContaining({
            cas_required: false,
            created_time: time,
            current_version: 2,
            custom_metadata: null,
            delete_version_after: '0s',
            max_versions: 0,
            oldest_version: 0,
            updated_time: time,
            versions: {
              1: { created_time: time, deletion_time: '', destroyed: true },
              2: { created_time: time, deletion_time: '', destroyed: false },
            },
          }),
        ),
      )
    })

    test('lists folders and values, whatever has become of them', async () => {
      await write({ a: '1' })
      await onVersions('destroy', 1)
      for (const name of ['below', 'below/deeper/a', 'below/deeper/b', 'alone']) {
        await ask('POST', `secret/data/${path}/${name}`, { body: { data: {} } })
      }
      const all = found({ keys: ['alone', 'below', 'below/'] })
      for (const spelling of [path, `${path}/`]) {
        expect(await ask('LIST', `secret/metadata/${spelling}`)).toEqual(all)
        expect(await ask('GET', `secret/metadata/${spelling}?list=true`)).toEqual(all)
      }
      expect(await ask('LIST', `secret/metadata/${path}/below/deeper/`)).toEqual(found({ keys: ['a', 'b'] }))
      expect(await ask('LIST', `secret/metadata/${path}/below/deeper/a`)).toEqual(nothingThere)
      expect(await ask('LIST', `secret/metadata/${path}/bel`)).toEqual(nothingThere)
      expect(await ask('GET', `secret/metadata/${path}/`)).toEqual(
        await ask('GET', `secret/metadata/${path}`).then(({ status, body }) => ({
          status,
          body: { ...body, request_id: expect.any(String) },
        })),
      )
      expect(await ask('LIST', `secret/metadata/conformance/${randomUUID()}/`)).toEqual(nothingThere)
    })

    test('patches what is there', async () => {
      const patch = (data: object, cas?: number) =>
        ask('PATCH', `secret/data/${path}`, { body: { ...(cas !== undefined && { options: { cas } }), data } })
      expect(await patch({ a: '1' })).toMatchObject({ status: 404 })
      await write({ a: '1', b: '2' }, { cas: 0 })
      expect(await patch({ a: null, c: '3' }, 1)).toEqual(found(metadataOf(2)))
      expect(await read()).toEqual(found({ data: { b: '2', c: '3' }, metadata: metadataOf(2) }))
      expect(await patch({ a: '1' }, 1)).toEqual(casMismatch)
    })

    test('can be mounted elsewhere, where versions may go by themselves', async () => {
      const mount = `mount-${randomUUID()}`
      await mountKv(conformance, `${mount}/deep`)
      expect(await ask('POST', `sys/mounts/${mount}/deep`, { body: { type: 'kv' } })).toEqual(
        refused(400, `path is already in use at ${mount}/deep/`),
      )
      await operate('POST', `${mount}/deep/config`, { delete_version_after: '2s', cas_required: true })
      const to = `${mount}/deep/data/x`
      expect(await ask('POST', to, { body: { data: {} } })).toEqual(
        refused(400, 'check-and-set parameter required for this call'),
      )
      expect(await ask('POST', to, { body: { options: { cas: 0 }, data: {} } })).toEqual(
        found(metadataOf(1, { deletion_time: time })),
      )
      expect(await ask('GET', to)).toMatchObject({ status: 200 })
      await conformance.target.pass(2_100)
      expect(await ask('GET', to)).toEqual(found({ data: null, metadata: metadataOf(1, { deletion_time: time }) }, 404))
      expect(await ask('GET', 'secret/data/x')).not.toMatchObject({ status: 200 })
    })

    test('is nowhere where it is not mounted', async () => {
      expect(await ask('GET', 'nowhere/data/x')).toEqual(
        refused(404, 'no handler for route "nowhere/data/x". route entry not found.'),
      )
    })
  })
}
