import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SecretOperations } from '../e2e/secret-operations.ts'
import { createSource, type Source } from '../e2e/source.ts'
import { proves } from '../proofs/proves.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { BuiltServer } from './built-server.ts'
import { folderOf, secretOperations } from './openbao-api.ts'
import { installOpenBao, openBaoVersions } from './openbao-install.ts'
import { OpenBaoScene, type Place, usualPlace } from './openbao-scene.ts'
import { environmentOf, type SignInMethod, settingsFor } from './openbao-store.ts'

// Everything as it is shipped: the built server, its API, an OpenBao with its own TLS and storage, and a PostgreSQL whose
// password the server keeps there.

const [, version] = openBaoVersions
const installation = await installOpenBao(version)
if (!installation.installed) test('Patchbay with OpenBao', context => context.skip(installation.reason))
/** Of those who are not told apart by signing in. */
const workspaceId = 'default'
const team: Place = { namespace: 'team', kvMount: 'kv', kubernetesMount: 'cluster', appRoleMount: 'programs' }

const cases: readonly (readonly [SignInMethod, Place])[] = [
  ['kubernetes', usualPlace],
  ['approle', team],
]

describe.each(installation.installed ? cases : [])(
  'a server that keeps secrets in OpenBao and signs in by %s',
  (method, place) => {
    let scene: OpenBaoScene
    let postgres: PostgresServer
    let source: Source
    let server: BuiltServer
    let api: SecretOperations
    let environment: Readonly<Record<string, string>>
    beforeAll(async () => {
      scene = await OpenBaoScene.start(version, place)
      postgres = await PostgresServer.start()
      source = await createSource(postgres)
      environment = environmentOf(await settingsFor(scene, method, place, [workspaceId]))
      await start()
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
      await postgres?.[Symbol.asyncDispose]()
      await scene?.[Symbol.asyncDispose]()
    })

    const start = async () => {
      server = await BuiltServer.start(environment)
      api = secretOperations(server)
    }
    const save = async () => await api.created({ name: uniqueName('Orders'), config: source.config() })
    const setPassword = (password: string) => ({ config: { postgres: { auth: { password: { password } } } } })
    const ready = async (query = '') => {
      const response = await fetch(new URL(`/ready${query}`, server.url))
      return { status: response.status, report: (await response.json()) as unknown }
    }
    const keysOf = async (path: string): Promise<readonly string[]> => {
      const { status, body } = await scene.bao.request('LIST', `${place.kvMount}/metadata/${path}`, inPlace)
      return status === 404 ? [] : (body['data'] as { readonly keys: string[] }).keys
    }
    const inPlace = place.namespace === null ? {} : { namespace: place.namespace }
    /** Whatever OpenBao holds for a connector, as its operator sees it. */
    const keptFor = async (id: string): Promise<readonly string[]> => {
      const folder = folderOf(workspaceId, id)
      const versions = await keysOf(folder)
      return await Promise.all(
        versions.map(async name => {
          const found = await scene.operate('GET', `${place.kvMount}/data/${folder}/${name}`, undefined, place)
          return JSON.stringify(found['data'])
        }),
      )
    }
    const tokensInUse = async (): Promise<number> => {
      const { body } = await scene.bao.request('LIST', 'auth/token/accessors', inPlace)
      const accessors = (body['data'] as { readonly keys: string[] } | undefined)?.keys ?? []
      const found = await Promise.all(
        accessors.map(accessor =>
          scene.bao.request('POST', 'auth/token/lookup-accessor', { body: { accessor }, ...inPlace }),
        ),
      )
      return found.filter(each => JSON.stringify(each.body).includes(`ws-${workspaceId}`)).length
    }

    test('tests a draft without a word to OpenBao, and keeps what is saved at the one path that is its own', async () => {
      expect(await api.test({ draft: source.config() })).toMatchObject({ status: expect.stringMatching(/^PASSED/) })
      expect(await keysOf('workspaces')).toEqual([])
      expect(await tokensInUse()).toBe(0)
      const { id, secrets } = await save()
      expect(secrets).toContainEqual({
        path: expect.stringMatching(/password$/),
        isSet: true,
        setAt: expect.stringMatching(/^\d{4}-/),
      })
      const kept = await keptFor(id)
      expect(kept).toHaveLength(1)
      expect(Object.values(JSON.parse(kept[0] ?? '') as object)).toEqual([source.password])
      expect(await tokensInUse()).toBe(1)
    })

    test('tests, previews, edits and deletes with what is kept there', async () => {
      const connector = await save()
      const { id } = connector
      const target = { saved: { id } }
      expect(await api.test(target)).toMatchObject({ status: expect.stringMatching(/^PASSED/) })
      expect(await api.preview(id)).toMatchObject({ __typename: 'PreviewDatasetSuccess' })
      const edited = await api.update(connector, setPassword('wrong'))
      expect(edited).toMatchObject({ __typename: 'UpdateConnectorSuccess' })
      expect(await api.test(target)).toMatchObject({
        status: 'FAILED',
        steps: expect.arrayContaining([
          expect.objectContaining({ problem: expect.objectContaining({ code: 'CREDENTIALS_REJECTED' }) }),
        ]),
      })
      const kept = await keptFor(id)
      expect(kept.flatMap(each => Object.values(JSON.parse(each) as object)).sort()).toEqual([source.password, 'wrong'])
      const renamed = await api.update(edited.connector ?? connector, { name: uniqueName('Renamed') })
      expect(renamed).toMatchObject({ __typename: 'UpdateConnectorSuccess' })
      expect(await keptFor(id)).toHaveLength(2)
      expect(await api.remove(id)).toBe('DeleteConnectorSuccess')
      expect(await api.find({ id })).toBeNull()
    })

    test('says while OpenBao is sealed that secrets cannot be had, and goes on with all else', async () => {
      const connector = await save()
      const target = { saved: { id: connector.id } }
      const unavailable = {
        code: 'SECRET_STORE_UNAVAILABLE',
        retryable: true,
        params: { fault: 'SEALED', reason: 'the secret store is sealed' },
      }
      await scene.bao.seal()
      try {
        const outcome = await api.test(target)
        expect(outcome).toMatchObject({ status: 'ERRORED', problem: unavailable })
        expect(JSON.stringify(outcome)).not.toContain('CREDENTIALS')
        expect(await api.preview(connector.id)).toMatchObject({ problem: unavailable })
        expect(await api.update(connector, setPassword('new'))).toMatchObject({
          __typename: 'SecretStoreFailedError',
          problem: unavailable,
        })
        expect(await api.create({ name: uniqueName('New'), config: source.config() })).toMatchObject({
          __typename: 'SecretStoreFailedError',
        })
        expect((await api.list()).nodes.map(each => each.id)).toContain(connector.id)
        expect(await api.update(connector, { name: uniqueName('Renamed') })).toMatchObject({
          __typename: 'UpdateConnectorSuccess',
        })
        await vi.waitFor(
          async () =>
            expect(await ready()).toMatchObject({ status: 200, report: { status: 'degraded', fault: 'SEALED' } }),
          { timeout: 15_000, interval: 100 },
        )
        expect(await ready('?require=secrets')).toMatchObject({ status: 503 })
      } finally {
        await scene.bao.unseal()
      }
      await vi.waitFor(
        async () => expect(await api.test(target)).toMatchObject({ status: expect.stringMatching(/^PASSED/) }),
        { timeout: 30_000, interval: 500 },
      )
      await vi.waitFor(async () => expect(await ready('?require=secrets')).toMatchObject({ status: 200 }), {
        timeout: 15_000,
        interval: 100,
      })
      proves('ANY', 'SECRET_STORE_UNAVAILABLE', 'REAL_SERVER')
    })

    test('says of a value that the operator has destroyed that it has to be given again, and takes it', async () => {
      const connector = await save()
      const target = { saved: { id: connector.id } }
      const folder = folderOf(workspaceId, connector.id)
      const [name] = await keysOf(folder)
      await scene.operate('PUT', `${place.kvMount}/destroy/${folder}/${name}`, { versions: [1] }, place)
      expect(await api.test(target)).toMatchObject({
        status: 'ERRORED',
        problem: { code: 'SECRET_UNREADABLE', params: { fault: 'MISSING' } },
      })
      proves('ANY', 'SECRET_UNREADABLE', 'REAL_SERVER')
      expect(await api.update(connector, setPassword(source.password))).toMatchObject({
        __typename: 'UpdateConnectorSuccess',
      })
      expect(await api.test(target)).toMatchObject({ status: expect.stringMatching(/^PASSED/) })
    })

    test('begins while OpenBao is away, and keeps and reads secrets once it is there', async () => {
      await server[Symbol.asyncDispose]()
      await scene.bao.kill()
      try {
        await start()
        expect(await ready()).toMatchObject({ status: 200, report: { status: 'degraded', fault: 'UNREACHABLE' } })
        expect(await api.create({ name: uniqueName('New'), config: source.config() })).toMatchObject({
          __typename: 'SecretStoreFailedError',
          problem: { code: 'SECRET_STORE_UNAVAILABLE', params: { fault: 'UNREACHABLE' } },
        })
      } finally {
        await scene.bao.restart()
        await scene.bao.unseal()
      }
      const created = await vi.waitFor(save, { timeout: 30_000, interval: 500 })
      expect(await api.test({ saved: { id: created.id } })).toMatchObject({ status: expect.stringMatching(/^PASSED/) })
    })

    test('gives its token back when it is asked to end', async () => {
      expect(await tokensInUse()).toBe(1)
      await server[Symbol.asyncDispose]()
      expect(await tokensInUse()).toBe(0)
    })
  },
)
