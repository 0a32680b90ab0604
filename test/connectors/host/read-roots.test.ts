import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  assertReadRootsSafe,
  connectorHostReadRoots,
  UnsafeReadRootError,
} from '../../../src/connectors/host/read-roots.ts'

let folder: string
const at = (...names: string[]) => join(folder, ...names)

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'patchbay-roots-')))
  for (const path of [
    'app/dist/inner',
    'app/data',
    'app/node_modules/@scope',
    'other/dist',
    'app/dist-secrets',
    'node_modules',
  ]) {
    await mkdir(at(path), { recursive: true })
  }
  await mkdir(at('app/linked/keys'), { recursive: true })
  await writeFile(at('app/data/master.key'), 'key')
  await symlink(at('app/linked'), at('app/node_modules/@scope/linked'))
  await symlink(at('app'), at('shortcut'))
  await symlink(at('app/node_modules'), at('other/node_modules'))
  await symlink(at('nowhere'), at('app/node_modules/dangling'))
})

afterAll(() => rm(folder, { recursive: true }))

describe('connectorHostReadRoots', () => {
  test('are the code folder and every node_modules that Node would search from there', () => {
    expect(connectorHostReadRoots([pathToFileURL(at('app/dist/'))])).toEqual([
      at('app/dist'),
      at('app/node_modules'),
      at('node_modules'),
    ])
  })

  test('name a folder that is a link by both its paths', () => {
    expect(connectorHostReadRoots([pathToFileURL(at('shortcut/dist/')), pathToFileURL(at('other/dist/'))])).toEqual([
      at('shortcut/dist'),
      at('app/dist'),
      at('other/dist'),
      at('shortcut/node_modules'),
      at('app/node_modules'),
      at('node_modules'),
      at('other/node_modules'),
    ])
  })

  test('name a shared folder once', () => {
    const roots = connectorHostReadRoots([pathToFileURL(at('app/dist')), pathToFileURL(at('app/data'))])
    expect(roots).toEqual([at('app/dist'), at('app/data'), at('app/node_modules'), at('node_modules')])
  })
})

describe('assertReadRootsSafe', () => {
  const check = (path: string) => () => assertReadRootsSafe([at('shortcut/dist'), at('other/node_modules')], [path])

  test.each([
    'app/dist',
    'app/dist/data',
    'app/dist/inner/not/there/yet',
    'shortcut/dist/master.key',
    'app/linked/keys/master.key',
    'app/node_modules/.cache/.env',
  ])('refuses %s', path => {
    expect(check(at(path))).toThrow(UnsafeReadRootError)
  })

  test.each(['app/data/master.key', 'app/.env', 'app', 'app/dist-secrets/key', 'elsewhere/not/there'])(
    'accepts %s',
    path => {
      expect(check(at(path))).not.toThrow()
    },
  )
})
