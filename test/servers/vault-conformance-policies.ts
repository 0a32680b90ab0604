import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Conformance, dataOf, done, found, notAllowed, nothingThere, refused } from './vault-conformance-target.ts'

/** What a path is open for under rules, in Vault's order of precedence. */
const precedence: readonly (readonly [
  rules: Readonly<Record<string, readonly string[]>>,
  path: string,
  open: string[],
])[] = [
  [{ 'kv/*': ['read'] }, 'kv/a/b', ['read']],
  [{ 'kv/*': ['read'] }, 'kv', ['deny']],
  [{ 'kv/*': ['read'] }, 'kv2/a', ['deny']],
  [{ 'kv*': ['read'] }, 'kv2/a', ['read']],
  [{ 'kv/a': ['read'] }, 'kv/a/b', ['deny']],
  [{ 'kv/*': ['read'], 'kv/a/*': ['update'] }, 'kv/a/b', ['update']],
  [{ 'kv/*': ['read'], 'kv/a': ['update'] }, 'kv/a', ['update']],
  [{ 'kv/a/*': ['deny'], 'kv/*': ['read'] }, 'kv/a/b', ['deny']],
  [{ 'kv/*': ['read', 'deny'] }, 'kv/a', ['deny']],
  [{ 'kv/+/b': ['read'] }, 'kv/a/b', ['read']],
  [{ 'kv/+/b': ['read'] }, 'kv/a/c/b', ['deny']],
  [{ 'kv/+/b': ['read'] }, 'kv/a/b/c', ['deny']],
  [{ 'kv/+/b/*': ['read'] }, 'kv/a/b/c/d', ['read']],
  [{ 'kv/+': ['read'] }, 'kv/a', ['read']],
  [{ 'kv/+': ['read'], 'kv/a': ['list'] }, 'kv/a', ['list']],
  [{ 'kv/+/b': ['read'], 'kv/*': ['list'] }, 'kv/a/b', ['read']],
  [{ 'kv/+/b': ['read'], 'kv/a/*': ['list'] }, 'kv/a/b', ['list']],
  [{ 'kv/+/b*': ['read'], 'kv/+/b': ['list'] }, 'kv/a/b', ['list']],
  [{ 'kv/+/+': ['read'], 'kv/+/b': ['list'] }, 'kv/a/b', ['list']],
  [{ '/kv/*': ['read'] }, 'kv/a', ['read']],
  [{ 'kv/a*b': ['read'] }, 'kv/axb', ['deny']],
  [
    { 'kv/*': ['create', 'read', 'update', 'patch', 'delete', 'list'] },
    'kv/a',
    ['create', 'delete', 'list', 'patch', 'read', 'update'],
  ],
]

const hcl = (rules: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(rules)
    .map(([path, capabilities]) => `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`)
    .join('\n')

export function describePoliciesOf({ ask, operate, tokenFor }: Conformance): void {
  describe('policies', () => {
    test.each(precedence)('%j opens %s for %j', async (rules, path, open) => {
      const own = { 'sys/capabilities-self': ['update'] }
      const token = await tokenFor(hcl({ ...rules, ...own }))
      const answer = await ask('POST', 'sys/capabilities-self', { token, body: { paths: [path] } })
      expect([...(dataOf(answer)[path] as string[])].sort()).toEqual(open)
    })

    test('are told apart by what is done', async () => {
      const at = `conformance/${randomUUID()}`
      const only = (capability: string, area = 'data') =>
        tokenFor(`path "secret/${area}/${at}/*" { capabilities = ["${capability}"] }`)
      const send = (token: string, method: string, area = 'data', name = 'a', body?: object) =>
        ask(method, `secret/${area}/${at}/${name}`, { token, ...(body && { body }) })
      const data = { data: {} }
      const [creating, updating, reading] = [await only('create'), await only('update'), await only('read')]
      expect(await send(updating, 'POST', 'data', 'a', data)).toEqual(notAllowed)
      expect(await send(reading, 'POST', 'data', 'a', data)).toEqual(notAllowed)
      expect(await send(creating, 'POST', 'data', 'a', data)).toMatchObject({ status: 200 })
      expect(await send(creating, 'POST', 'data', 'a', data)).toEqual(notAllowed)
      expect(await send(updating, 'POST', 'data', 'a', data)).toMatchObject({ status: 200 })
      expect(await send(updating, 'GET')).toEqual(notAllowed)
      expect(await send(reading, 'GET')).toMatchObject({ status: 200 })
      expect(await send(reading, 'DELETE')).toEqual(notAllowed)
      expect(await send(reading, 'PATCH', 'data', 'a', data)).toEqual(notAllowed)
      expect(await send(updating, 'PATCH', 'data', 'a', data)).toEqual(notAllowed)
      expect(await send(await only('create', 'destroy'), 'PUT', 'destroy', 'a', { versions: [9] })).toEqual(notAllowed)
      expect(await send(await only('update', 'destroy'), 'PUT', 'destroy', 'a', { versions: [9] })).toEqual(done)
      expect(await send(await only('read', 'metadata'), 'LIST', 'metadata', '')).toEqual(notAllowed)
      const listing = await only('list', 'metadata')
      expect(await send(listing, 'LIST', 'metadata', '')).toEqual(found({ keys: ['a'] }))
      // The rule ends behind the slash, and a list may be asked for without one.
      expect(await ask('LIST', `secret/metadata/${at}`, { token: listing })).toEqual(found({ keys: ['a'] }))
      expect(await ask('GET', `secret/metadata/${at}?list=true`, { token: listing })).toEqual(found({ keys: ['a'] }))
      expect(await send(listing, 'GET', 'metadata')).toEqual(notAllowed)
      expect(await send(listing, 'LIST', 'metadata', 'none/')).toEqual(nothingThere)
      expect(await send(await only('delete', 'metadata'), 'DELETE', 'metadata')).toEqual(done)
    })

    test('say nothing of what is not there', async () => {
      const token = await tokenFor('path "secret/data/conformance/mine/*" { capabilities = ["read"] }')
      for (const path of [
        'secret/data/conformance/other',
        'nowhere/data/x',
        'sys/mounts',
        'sys/policies/acl/default',
      ]) {
        expect(await ask('GET', path, { token })).toEqual(notAllowed)
      }
      expect(await ask('GET', 'secret/data/conformance/mine/x', { token })).toEqual(nothingThere)
    })

    test('count as they are when they are asked, and together when there are several', async () => {
      const names = [randomUUID(), randomUUID()]
      const [first = '', second = ''] = names
      const at = `conformance/${randomUUID()}`
      const put = (name: string, capability: string) =>
        operate('PUT', `sys/policies/acl/${name}`, {
          policy: `path "secret/data/${at}" { capabilities = ["${capability}"] }`,
        })
      await put(first, 'create')
      const answer = await ask('POST', 'auth/token/create', { body: { policies: names, no_default_policy: true } })
      const token = String((answer.body['auth'] as { client_token: string }).client_token)
      const read = () => ask('GET', `secret/data/${at}`, { token })
      expect(await read()).toEqual(notAllowed)
      await put(second, 'read')
      expect(await read()).toEqual(nothingThere)
      await put(first, 'deny')
      expect(await read()).toEqual(notAllowed)
      expect(await ask('DELETE', `sys/policies/acl/${first}`)).toEqual(done)
      expect(await read()).toEqual(nothingThere)
    })

    test('are kept as they were written', async () => {
      const name = `policy-${randomUUID()}`
      const policy = `# A comment\npath "kv/*" {\n  capabilities = ["read", "list"] // and why\n}\n/* nothing */\n`
      expect(await ask('GET', `sys/policies/acl/${name}`)).toEqual(nothingThere)
      expect(await ask('PUT', `sys/policies/acl/${name}`, { body: { policy } })).toEqual(done)
      expect(await ask('PUT', `sys/policies/acl/${name}`, { body: { policy } })).toEqual(done)
      expect(dataOf(await ask('GET', `sys/policies/acl/${name}`))).toMatchObject({ name, policy })
      expect(dataOf(await ask('LIST', 'sys/policies/acl'))['keys']).toEqual(
        expect.arrayContaining(['default', 'root', name]),
      )
      expect([
        await ask('DELETE', `sys/policies/acl/${name}`),
        await ask('DELETE', `sys/policies/acl/${name}`),
      ]).toEqual([done, done])
    })

    test.each([
      [{}, "'policy' parameter not supplied or empty"],
      [{ policy: 'path "x" { capabilities = ["fly"] }' }, expect.stringContaining('invalid capability "fly"')],
      [{ policy: 'path "x" {' }, expect.stringContaining('failed to parse policy: At 1:')],
      [{ policy: 'path "x" { powers = ["read"] }' }, expect.stringContaining('invalid key "powers" on line 1')],
      [{ policy: 'path "x/+*" { capabilities = ["read"] }' }, expect.stringContaining("('+*' is forbidden)")],
    ])('are refused as %j', async (body, words) => {
      expect(await ask('PUT', 'sys/policies/acl/unreadable', { body })).toEqual(refused(400, words))
      expect(await ask('GET', 'sys/policies/acl/unreadable')).toEqual(nothingThere)
    })
  })
}
