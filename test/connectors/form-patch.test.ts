import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyPatch } from '../../src/connectors/form-patch.ts'
import { splitSecrets } from '../../src/connectors/form-secrets.ts'
import { type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { fieldValue, isRecord } from '../../src/connectors/form-tree-walk.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { madeUpForm, madeUpQueryForm } from './made-up-form.ts'
import { minimal, validValue } from './made-up-values.ts'

function stored(raw: unknown) {
  const result = validateForm(madeUpForm, raw)
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  return splitSecrets(madeUpForm, result.value)
}

function patched(raw: unknown, patch: unknown) {
  const { config, secrets } = stored(raw)
  return applyPatch(madeUpForm, config, new Set(Object.keys(secrets)), patch)
}

const changed = (raw: unknown, patch: unknown) => {
  const result = patched(raw, patch)
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  return result
}

const refusals = (raw: unknown, patch: unknown) => {
  const result = patched(raw, patch)
  return result.ok ? {} : Object.fromEntries(result.issues.map(issue => [issue.path, issue.message]))
}

/** A patch that sets every field of a value: to null where the value has none. */
function wholePatch(node: FormTreeNode, value: unknown): unknown {
  if (value === undefined) return null
  if (node.kind === 'list' && Array.isArray(value)) return value.map(item => wholePatch(node.item, item))
  if (node.kind === 'alternatives' && isRecord(value)) {
    return Object.fromEntries(
      [...node.alternatives].flatMap(([key, group]) => (key in value ? [[key, wholePatch(group, value[key])]] : [])),
    )
  }
  if (node.kind !== 'group' || !isRecord(value)) return value
  return Object.fromEntries(
    [...node.fields].map(([key, field]) => [key, wholePatch(field, fieldValue(node, value, key))]),
  )
}

const basic = { ...minimal, auth: { basic: { username: 'ann', password: 'old' } } }
const cloud = {
  ...minimal,
  auth: { cloud: { accessKey: 'A', sessionToken: 'T', deployment: { cluster: { clusterId: 'c' } } } },
}
const withHeaders = {
  ...minimal,
  headers: [
    { name: 'a', value: 'A', isSecret: true, weight: 1 },
    { name: 'b', value: 'B', isSecret: true },
    { name: 'c', value: 'C', isSecret: false },
  ],
}

describe('patches', () => {
  test('an empty patch changes nothing and keeps every secret', () => {
    fc.assert(
      fc.property(validValue, value => {
        const { config, secrets } = splitSecrets(madeUpForm, value)
        const result = applyPatch(madeUpForm, config, new Set(Object.keys(secrets)), {})
        expect(result).toEqual({ ok: true, config, newSecrets: {}, keptSecretPaths: Object.keys(secrets) })
      }),
    )
  })

  test('a patch with everything makes what creating makes, whatever was stored', () => {
    fc.assert(
      fc.property(validValue, validValue, (before, after) => {
        const { config, secrets } = splitSecrets(madeUpForm, before)
        const patch = wholePatch(formTree(madeUpForm).root, after)
        const created = splitSecrets(madeUpForm, after)
        expect(applyPatch(madeUpForm, config, new Set(Object.keys(secrets)), patch)).toEqual({
          ok: true,
          config: created.config,
          newSecrets: created.secrets,
          keptSecretPaths: [],
        })
      }),
    )
  })

  test('null clears what is optional, resets what has a default, and is refused elsewhere', () => {
    const before = {
      ...basic,
      title: 'T',
      retries: 7,
      limits: { seconds: 5, burst: { size: 1 } },
      proxy: { host: 'p', password: 'pp' },
    }
    const { config, keptSecretPaths } = changed(before, {
      title: null,
      retries: null,
      limits: { burst: null },
      proxy: { password: null },
    })
    expect(config).toMatchObject({ retries: 3, limits: { seconds: 5, burst: { size: 5 } }, proxy: { host: 'p' } })
    expect(config).not.toHaveProperty('title')
    expect(keptSecretPaths).toEqual(['auth.basic.password'])
    expect(changed(before, { limits: null }).config['limits']).toEqual({ seconds: 10, burst: { size: 5 } })
    expect(changed(before, { proxy: null }).config).not.toHaveProperty('proxy')
    expect(refusals(before, { baseUrl: null, auth: { basic: { password: null } } })).toEqual({
      baseUrl: 'Cannot be cleared: a value is required.',
      'auth.basic.password': 'Cannot be cleared: a value is required.',
    })
    expect(refusals(before, { auth: null })).toEqual({ auth: 'Cannot be cleared: a value is required.' })
  })

  test('the same alternative is merged, at every depth', () => {
    const result = changed(cloud, { auth: { cloud: { sessionToken: 'new' } } })
    expect(result.config['auth']).toEqual({ cloud: { deployment: { cluster: { clusterId: 'c' } } } })
    expect(result).toMatchObject({
      newSecrets: { 'auth.cloud.sessionToken': 'new' },
      keptSecretPaths: ['auth.cloud.accessKey'],
    })
    expect(changed(basic, { auth: { basic: { username: 'bob' } } })).toMatchObject({
      config: { auth: { basic: { username: 'bob' } } },
      newSecrets: {},
      keptSecretPaths: ['auth.basic.password'],
    })
  })

  test('another alternative replaces and must be complete', () => {
    const result = changed(basic, { auth: { token: { token: 'new' } } })
    expect(result).toMatchObject({
      config: { auth: { token: {} } },
      newSecrets: { 'auth.token.token': 'new' },
      keptSecretPaths: [],
    })
    expect(refusals(basic, { auth: { cloud: {} } })).toEqual({ 'auth.cloud.accessKey': 'A value is required.' })
    expect(changed(cloud, { auth: { cloud: { deployment: { serverless: true } } } }).config['auth']).toEqual({
      cloud: { deployment: { serverless: true } },
    })
    expect(refusals(basic, { auth: { basic: {}, none: true } })).toHaveProperty('auth', 'Give only one of none, basic.')
  })

  test('lists are replaced whole', () => {
    const before = { ...minimal, tags: ['a', 'b'], hosts: [{ host: 'a', port: 2 }] }
    expect(changed(before, { tags: ['c'], hosts: [{ host: 'a' }] }).config).toMatchObject({
      tags: ['c'],
      hosts: [{ host: 'a', port: 5 }],
    })
  })

  test('items with secrets are matched by name: what is named again without its secret keeps it', () => {
    const result = changed(withHeaders, {
      headers: [{ name: 'b' }, { name: 'new', value: 'N', isSecret: true }, { name: 'a', weight: null }],
    })
    expect(result.config['headers']).toEqual([
      { name: 'b', isSecret: true },
      { name: 'new', isSecret: true },
      { name: 'a', isSecret: true },
    ])
    expect(result.newSecrets).toEqual({ 'headers.new.value': 'N' })
    expect(result.keptSecretPaths).toEqual(['headers.b.value', 'headers.a.value'])
    expect(refusals(withHeaders, { headers: [{ name: 'a' }, { name: 'd' }] })).toEqual({
      'headers.1.value': 'A value is required.',
    })
    expect(refusals(withHeaders, { headers: [{ name: 'a' }, { name: 'a' }] })).toHaveProperty(['headers.1.name'])
  })

  test('secrets in lists of lists are kept by both names', () => {
    const before = { ...minimal, routes: [{ name: 'r', keys: [{ name: 'k', key: 'K' }] }] }
    expect(changed(before, { routes: [{ name: 's' }, { name: 'r' }] })).toMatchObject({
      config: {
        routes: [
          { name: 's', keys: [] },
          { name: 'r', keys: [{ name: 'k' }] },
        ],
      },
      keptSecretPaths: ['routes.r.keys.k.key'],
    })
    expect(refusals(before, { routes: [{ name: 's', keys: [{ name: 'k' }] }] })).toEqual({
      'routes.0.keys.0.key': 'A value is required.',
    })
  })

  test('a stored secret never becomes plain text, plain text may become secret', () => {
    expect(refusals(withHeaders, { headers: [{ name: 'a', isSecret: false }] })).toEqual({
      'headers.0.value': 'Give the value again: a stored secret cannot be turned into plain text.',
    })
    expect(refusals(withHeaders, { headers: [{ name: 'a', isSecret: null }] })).toHaveProperty(['headers.0.value'])
    expect(changed(withHeaders, { headers: [{ name: 'a', isSecret: false, value: 'now plain' }] })).toMatchObject({
      config: { headers: [{ name: 'a', value: 'now plain', isSecret: false }] },
      newSecrets: {},
      keptSecretPaths: [],
    })
    const hidden = changed(withHeaders, { headers: [{ name: 'c', isSecret: true }] })
    expect(hidden.newSecrets).toEqual({ 'headers.c.value': 'C' })
    expect(JSON.stringify(hidden.config)).not.toContain('"C"')
  })

  test('the whole form is validated after merging, kept secrets included', () => {
    expect(refusals({ ...minimal, retries: 7 }, { mode: 'FAST' })).toEqual({
      retries: 'The fast mode allows 5 retries at most.',
    })
    const { config } = stored(basic)
    const lost = applyPatch(madeUpForm, config, new Set(), {})
    expect(lost).toMatchObject({
      ok: false,
      issues: [{ path: 'auth.basic.password', message: 'A value is required.' }],
    })
    expect(refusals(basic, { nothing: 1, auth: { basic: { user: 'x' } } })).toEqual({
      nothing: 'There is no such field.',
      'auth.basic.user': 'There is no such field.',
    })
    expect(refusals(basic, 'text')).toEqual({ '': 'Must be an object with fields.' })
  })

  test('an optional group that was absent must be given complete', () => {
    expect(changed(minimal, { proxy: { host: 'p' } }).config['proxy']).toEqual({ host: 'p', port: 3128 })
    expect(refusals(minimal, { proxy: { port: 1 } })).toEqual({ 'proxy.host': 'A value is required.' })
  })

  test('works on forms whose root is a choice', () => {
    const config = { path: { path: '/a' } }
    expect(applyPatch(madeUpQueryForm, config, new Set(), {})).toMatchObject({ ok: true, config })
    expect(applyPatch(madeUpQueryForm, config, new Set(), { everything: true })).toMatchObject({
      config: { everything: true },
    })
  })
})
