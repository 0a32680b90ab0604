import { encodedForms } from '../scrub/secret-forms.ts'
import type { HttpApiConfig } from './form.ts'

/** All secret values of a connector. */
export const secretsOf = ({ auth, headers, tls }: HttpApiConfig): readonly string[] =>
  [
    // A key that stands alone, as some APIs want it, is the user name.
    auth.basic && (auth.basic.password ?? auth.basic.username),
    auth.bearer?.token,
    auth.apiKey?.value,
    auth.oauthClientCredentials?.clientSecret,
    ...headers.filter(({ secret }) => secret).map(({ value }) => value),
    tls.clientKey,
    tls.clientKeyPassphrase,
  ].filter(text => text !== undefined)

/** Shorter ones are found in every address. */
const shortestSecret = 4

/** Whether a text has one of these secrets in it, in whatever way it is written. */
export const holdsAny = (secrets: readonly string[], text: string): boolean =>
  secrets
    .filter(({ length }) => length >= shortestSecret)
    .some(secret => encodedForms(secret).some(form => form.length >= shortestSecret && text.includes(form)))
