import type { Installation } from './install.ts'
import { installNpm, npmHome } from './npm-install.ts'

const provider = { name: 'oidc-provider', version: '9.13.3' }
const checker = { name: 'express-oauth2-jwt-bearer', version: '1.10.0' }

export const oidcProviderHome = npmHome(provider)
export const tokenCheckerHome = npmHome(checker)

/** Gets a certified OpenID provider, and what APIs on Express check its tokens with. */
export async function installOidcProvider(): Promise<Installation> {
  const installed = await installNpm(provider)
  return installed.installed ? installNpm(checker) : installed
}
