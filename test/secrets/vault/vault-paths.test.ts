import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assertRequestPath, VaultPathError, vaultPaths } from '../../../src/secrets/vault/vault-paths.ts'

const paths = vaultPaths({ kvMount: 'teams/{workspace}/kv', kvPrefix: 'patchbay/workspaces' })
const connectorId = '0199f0a0-0000-7000-8000-000000000001'
const versionId = '0199f0a0-0000-7000-8000-000000000002'
const address = { workspaceId: 'acme_1', connectorId, versionId }

describe('paths in Vault', () => {
  test('are one for each version, within the connector, within the workspace', () => {
    const within = `patchbay/workspaces/acme_1/connectors`
    expect(paths.data(address)).toBe(`teams/acme_1/kv/data/${within}/${connectorId}/${versionId}`)
    expect(paths.destroy(address)).toBe(`teams/acme_1/kv/destroy/${within}/${connectorId}/${versionId}`)
    expect(paths.metadata(address)).toBe(`teams/acme_1/kv/metadata/${within}/${connectorId}/${versionId}`)
    expect(paths.connectors('acme_1')).toBe(`teams/acme_1/kv/metadata/${within}/`)
    expect(paths.versions('acme_1', connectorId)).toBe(`teams/acme_1/kv/metadata/${within}/${connectorId}/`)
    for (const path of [paths.data(address), paths.connectors('acme_1'), `${paths.data(address)}?version=1`]) {
      expect(() => assertRequestPath(path)).not.toThrow()
    }
  })

  const hostile = [
    '',
    '.',
    '..',
    '../other',
    'acme/../other',
    'acme/../../sys',
    '%2e%2e',
    'acme%2f..%2fother',
    '%00',
    'acme#',
    'acme?list=true',
    'acme?version=2',
    'acme&x=1',
    'acme/',
    '/acme',
    'acme//other',
    'acme\\..\\other',
    'acme other',
    'acme\n',
    'acme\r\nX-Vault-Token: x',
    'acme\u0000',
    '*',
    '+',
    '{workspace}',
    'ａｃｍｅ',
    '-acme',
    'a'.repeat(65),
    `${connectorId}/..`,
    `${connectorId}\n`,
    connectorId.toUpperCase().replace('0', 'F'),
    '&#x2F;',
    '$&',
  ]

  test.each(hostile)('are not made of %j', text => {
    // What is no UUID may still be the id of a workspace, whose ids others choose.
    if (!/^[A-Z0-9][\w-]{0,63}$/i.test(text)) {
      expect(() => paths.data({ ...address, workspaceId: text })).toThrow(VaultPathError)
      expect(() => paths.connectors(text)).toThrow(VaultPathError)
      expect(() => paths.versions(text, connectorId)).toThrow(VaultPathError)
    }
    for (const changed of [{ connectorId: text }, { versionId: text }]) {
      expect(() => paths.data({ ...address, ...changed })).toThrow(VaultPathError)
      expect(() => paths.destroy({ ...address, ...changed })).toThrow(VaultPathError)
      expect(() => paths.metadata({ ...address, ...changed })).toThrow(VaultPathError)
    }
    expect(() => paths.versions('acme', text)).toThrow(VaultPathError)
  })

  test('are not made of settings that lead out of the engine', () => {
    for (const odd of ['../sys', 'secret/../sys', 'secret/', '/secret', 'a//b', 'a%2fb', 'a?b', 'a#b', '']) {
      expect(() => vaultPaths({ kvMount: odd, kvPrefix: 'p' }).data(address)).toThrow(VaultPathError)
      expect(() => vaultPaths({ kvMount: 'secret', kvPrefix: odd }).data(address)).toThrow(VaultPathError)
    }
  })

  test('belong to nobody else: whatever the ids are, a path is refused or in the folder of its workspace', () => {
    const part = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom(...hostile), fc.constant('acme'), fc.uuid())
    fc.assert(
      fc.property(part, part, part, (workspaceId, connector, version) => {
        let made: string
        try {
          made = paths.data({ workspaceId, connectorId: connector, versionId: version })
        } catch {
          return
        }
        const { pathname, search, hash } = new URL(`http://vault/v1/${made}`)
        expect([search, hash]).toEqual(['', ''])
        const folder = `/v1/teams/${workspaceId}/kv/data/patchbay/workspaces/${workspaceId}/connectors/`
        expect(pathname).toBe(`${folder}${connector}/${version}`)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    'secret/data/../other',
    'secret/%2e%2e/other',
    'secret//data',
    '/secret',
    'secret/data#x',
    'secret/data?version=1#x',
    'secret/data?version=1?x=2',
    'secret/data?version',
    'secret/data?a=b c',
    'secret/data\\x',
    'https://elsewhere/v1',
    'secret/.hidden',
    '',
    '@elsewhere',
  ])('%j are refused whoever has made them', path => {
    expect(() => assertRequestPath(path)).toThrow(VaultPathError)
  })
})
