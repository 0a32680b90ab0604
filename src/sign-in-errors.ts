import type { GraphQLError } from 'graphql'
import type { AuthenticationFault } from './identity/authenticator.ts'
import { unauthenticated, unavailable } from './schema/graphql-errors.ts'

const realm = 'Bearer realm="patchbay"'

/** What a client is told of why it was not let in: not whether a credential that is not accepted exists. */
export function signInRefusal(fault: AuthenticationFault): GraphQLError {
  switch (fault) {
    case 'MISSING':
      return unauthenticated('Authentication is required: send a credential as "Authorization: Bearer …".', realm)
    case 'EXPIRED':
      return refused('The credential has expired.')
    case 'UNAVAILABLE':
      return unavailable('Credentials cannot be checked at the moment. Try again in a few seconds.')
    default:
      return refused('The credential is not accepted.')
  }
}

// RFC 6750, 3: the challenge says so to programs.
const refused = (message: string): GraphQLError =>
  unauthenticated(message, `${realm}, error="invalid_token", error_description="${message}"`)
