import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'vitest'
import { vaultConformance } from '../servers/vault-conformance.ts'
import { installOpenBao, openBaoVersions } from './openbao-install.ts'
import { OpenBaoScene, usualPlace } from './openbao-scene.ts'

// What the double of `npm test` is held to, so that it behaves as the product does.

for (const version of openBaoVersions) {
  const name = `OpenBao ${version} is what its double takes it for`
  const installation = await installOpenBao(version)
  if (!installation.installed) {
    test(name, context => context.skip(installation.reason))
    continue
  }
  vaultConformance(name, async () => {
    const scene = await OpenBaoScene.start(version, usualPlace)
    const { bao, cluster } = scene
    return {
      request: (...request) => bao.request(...request),
      serviceAccountToken: options => cluster.tokens.issue(options),
      kubernetesConfig: scene.kubernetesConfig,
      seal: () => bao.seal(),
      unseal: () => bao.unseal(),
      // Its clock is this machine's.
      pass: async ms => await delay(ms),
      [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
    }
  })
}
