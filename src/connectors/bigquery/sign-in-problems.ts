import type { HttpCallError } from '../cloud/http-caller.ts'
import { type ProblemOptions, problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import { endpoints } from './endpoints.ts'
import type { BigqueryConfig } from './form.ts'
import type { GoogleRefusal } from './google-refusal.ts'
import { identityField } from './identity-field.ts'
import { apiDisabled, meant } from './meanings.ts'
import { detailOf, GoogleCallError, perimeterReasons } from './problems.ts'

/** How a key is refused: https://developers.google.com/identity/protocols/oauth2/service-account#error-codes */
export interface RefusedKey {
  readonly config: BigqueryConfig
  readonly refusal: GoogleRefusal
  /** Google's clock minus ours in milliseconds, by the answer's own date; null when it has none. */
  readonly skewMs: number | null
}

/** Of `invalid_grant`, when it is the times of the claim that are wrong, and not the key. */
const aboutTimes = /short-lived token|reasonable timeframe|\biat\b|\bexp\b|Token (?:used too early|expired)/i
/** Both clocks may be read a little late. */
const tellingSkewMs = 30_000

/** What a key file comes to that the token endpoint has not given a token for. */
export function refusedKey({ config, refusal, skewMs }: RefusedKey): GoogleCallError {
  const { status, reason, message } = refusal
  const field = identityField(config)
  const said = detailOf(refusal)
  const fail = (code: ProblemCode, options: ProblemOptions = {}) =>
    new GoogleCallError(
      problem(code, { detail: said, ...options, params: { service: endpoints.tokens, ...options.params } }),
      refusal,
    )
  if (status === 429) return fail('CLOUD_THROTTLED')
  if (status >= 500) return fail('CLOUD_UNAVAILABLE')
  if (reason === 'invalid_grant' && aboutTimes.test(message)) {
    return fail('CLOUD_CLOCK_SKEWED', { detail: `${said} ${skewText(skewMs)}`.trim() })
  }
  if (['invalid_grant', 'invalid_client', 'disabled_client', 'deleted_client'].includes(reason) || status === 401) {
    return fail('CLOUD_CREDENTIALS_REJECTED', {
      fields: [field],
      remedies: [{ kind: 'REENTER_SECRET', title: 'Give the key file of a new key', field }],
    })
  }
  if (['unauthorized_client', 'access_denied', 'admin_policy_enforced'].includes(reason) || status === 403) {
    return fail('CLOUD_ACCESS_DENIED', { params: { action: 'a token for this account' }, fields: [field] })
  }
  if (status === 400) return fail('CLOUD_REQUEST_INVALID', { fields: [field] })
  return fail('UNCLASSIFIED')
}

function skewText(skewMs: number | null): string {
  if (skewMs === null || Math.abs(skewMs) < tellingSkewMs) return ''
  return `Patchbay's clock is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs < 0 ? 'ahead' : 'behind'}.`
}

export interface RefusedImpersonation {
  readonly config: BigqueryConfig
  readonly refusal: GoogleRefusal
  /** What the rules for every service have made of it. */
  readonly error: GoogleCallError
  /** The account that was to be impersonated, and the one that asked. */
  readonly target: string
  readonly asking: string
}

/** What comes of asking for a token of another account in vain. */
export function refusedImpersonation({ config, refusal, error, target, asking }: RefusedImpersonation): HttpCallError {
  const { code } = error.problem
  if (['CLOUD_THROTTLED', 'CLOUD_UNAVAILABLE', 'CLOUD_QUOTA_EXCEEDED', 'UNCLASSIFIED'].includes(code)) return error
  if (code === 'CLOUD_API_DISABLED') {
    return new GoogleCallError(
      meant(
        {
          ...apiDisabled(endpoints.credentials, String(error.problem.params['project']), config),
          fields: [identityField(config)],
        },
        error.problem.detail,
      ),
      refusal,
    )
  }
  if (code === 'CLOUD_CREDENTIALS_REJECTED' || code === 'CLOUD_CREDENTIALS_EXPIRED') return error
  // No grant to either account would help.
  if (perimeterReasons.includes(refusal.info)) return error
  return new GoogleCallError(
    problem('IMPERSONATION_REFUSED', {
      params: { account: target },
      detail: detailOf(refusal),
      // That it is not there is told only to whoever would be let.
      fields: ['auth.impersonate.targetServiceAccount', ...(refusal.status === 404 ? [] : ['auth.impersonate.json'])],
      remedies: [
        { kind: 'RUN_SQL', title: 'Let the account of the key make tokens', sql: grantScript(target, asking) },
      ],
    }),
    refusal,
  )
}

/** Both are of a form that no shell takes for anything else. */
const grantScript = (target: string, asking: string): string =>
  [
    '# Run it in a shell as an administrator of the account that reads.',
    `gcloud iam service-accounts add-iam-policy-binding ${target} \\`,
    `  --member=serviceAccount:${asking} --role=roles/iam.serviceAccountTokenCreator`,
  ].join('\n')
