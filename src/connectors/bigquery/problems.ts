import { HttpCallError } from '../cloud/http-caller.ts'
import type { Problem } from '../problem.ts'
import { endpoints } from './endpoints.ts'
import type { BigqueryConfig } from './form.ts'
import type { GoogleRefusal } from './google-refusal.ts'
import { askingField } from './identity-field.ts'
import {
  apiDisabled,
  billingDisabled,
  type Meaning,
  meant,
  regionMismatch,
  resourceMissing,
  type Subject,
  scanLimitReached,
  tokenRefused,
} from './meanings.ts'
import { scopeOf } from './scopes.ts'

/** What was asked, and for whom. */
export interface QuestionPlace {
  readonly config: BigqueryConfig
  /** The endpoint's own name. */
  readonly service: string
  readonly subject: Subject
  /** That the token has. */
  readonly scope?: string
}

/** A question that Google has answered by saying why not. */
export class GoogleCallError extends HttpCallError {
  readonly refusal: GoogleRefusal

  constructor(found: Problem, refusal: GoogleRefusal) {
    super(found)
    this.name = 'GoogleCallError'
    this.refusal = refusal
  }
}

interface Rule {
  /** Of `GoogleRefusal`: one of these is its reason, or what its details say. */
  readonly reasons?: readonly string[]
  readonly status?: readonly number[]
  readonly message?: RegExp
  readonly about?: Subject['what']
  readonly means: (place: QuestionPlace, refusal: GoogleRefusal) => Meaning
}

const ofService =
  (code: Meaning['code']) =>
  ({ service }: QuestionPlace): Meaning => ({ code, params: { service } })

/** Tokens that we get ourselves are got again before they end: one that is refused all the same is not trusted at all. */
const refusedToken = ({ config, service }: QuestionPlace): Meaning =>
  config.auth.accessToken
    ? tokenRefused('CLOUD_CREDENTIALS_EXPIRED', service)
    : { code: 'CLOUD_CREDENTIALS_REJECTED', params: { service }, fields: [askingField(config)] }

/** `action`: what is not allowed, in the words that follow "does not allow". */
const denied = ({ config, service, subject }: QuestionPlace, action: string): Meaning => ({
  code: 'CLOUD_ACCESS_DENIED',
  params: { service, action },
  fields: [...new Set([...subject.fields, askingField(config)])],
})

const scopeMissing = (place: QuestionPlace): Meaning => ({
  ...denied(place, `this with a token that lacks the scope ${place.scope ?? scopeOf.JOBS}`),
  fields: [askingField(place.config)],
})

/** Names of tables look like rights, too: those begin with the service that they are for. */
const rightIn = (text: string): string | undefined =>
  /\b(?:bigquery|resourcemanager|iam|serviceusage|storage|cloudkms)\.[a-zA-Z]{1,60}\.[a-zA-Z]{1,60}\b/.exec(text)?.[0]

/** In the words of IAM where it names the right, with what it is needed on. */
function accessDenied(place: QuestionPlace, { message, metadata }: GoogleRefusal): Meaning {
  const named = rightIn(message) ?? rightIn(metadata['permission'] ?? '')
  const { subject } = place
  if (named === 'bigquery.jobs.create') {
    const { projectId } = place.config
    return {
      ...denied(place, `${named} in the project ${projectId}`),
      fields: ['projectId'],
    }
  }
  if (subject.what === 'statement') return { code: 'PERMISSION_DENIED', fields: subject.fields }
  return denied(place, `${named ?? subject.action} on the ${subject.what} ${subject.name}`)
}

/** BigQuery's reason, and that of other services. */
export const perimeterReasons: readonly string[] = ['policyViolation', 'SECURITY_POLICY_VIOLATED']

/** Whoever asks has the right to, but not from everywhere. */
const outsidePerimeter = (place: QuestionPlace): Meaning => ({
  ...denied(place, 'this from where Patchbay runs (VPC Service Controls)'),
  fields: [],
})

const driveDenied = (place: QuestionPlace): Meaning =>
  denied(place, 'reading Google Drive, where this table has its data')

/** The project that Google says it is, by its number, or the one that was asked. */
const consumerOf = ({ config, service, subject }: QuestionPlace, { metadata }: GoogleRefusal): string => {
  const asked = service === endpoints.bigquery && subject.what === 'project' ? subject.name : config.projectId
  return /^projects\/([a-z0-9.:-]{1,100})$/.exec(metadata['consumer'] ?? '')?.[1] ?? asked
}

const serviceOff = (place: QuestionPlace, refusal: GoogleRefusal): Meaning =>
  apiDisabled(knownService(refusal.metadata['service']) ?? place.service, consumerOf(place, refusal), place.config)

const knownService = (name: string | undefined): string | undefined =>
  Object.values<string>(endpoints).find(known => known === name)

/** `Dataset p:d was not found in location US`: for whoever asks without a location, nowhere that BigQuery would look. */
function absent(place: QuestionPlace, { message }: GoogleRefusal): Meaning {
  const { config, subject } = place
  const [, what = '', name = ''] =
    /Not found: (Project|Dataset|Table|Model|Routine) ([\w.:-]{1,300})/i.exec(message) ?? []
  const named = name.replace(/[;,.]+$/, '')
  if (/^project$/i.test(what)) return projectMissing(place, named)
  const isDefault = named.endsWith(`:${config.defaultDataset}`) || named.endsWith(`.${config.defaultDataset}`)
  if (/^dataset$/i.test(what) && isDefault) {
    return resourceMissing({ what: 'dataset', name: named.replace(':', '.'), fields: ['defaultDataset'], action: '' })
  }
  if (/^dataset$/i.test(what) && subject.what === 'table')
    return { code: 'OBJECT_NOT_FOUND', fields: ['table.dataset'] }
  if (subject.what === 'statement' || subject.what === 'table')
    return { code: 'OBJECT_NOT_FOUND', fields: subject.fields }
  return resourceMissing(subject)
}

function projectMissing({ config, subject }: QuestionPlace, named: string): Meaning {
  const { projectId, dataProjectId } = config
  const name = named || subject.name || projectId
  if (name === dataProjectId) return resourceMissing({ ...subject, what: 'project', name, fields: ['dataProjectId'] })
  const fields = name === projectId || subject.what !== 'statement' ? ['projectId'] : subject.fields
  return resourceMissing({ ...subject, what: 'project', name, fields })
}

const invalidQuery = ({ subject }: QuestionPlace, { message }: GoogleRefusal): Meaning => {
  const line = /\bat \[(\d+):\d+\]/.exec(message)?.[1]
  return {
    code: 'QUERY_INVALID',
    fields: subject.fields,
    ...(line !== undefined && { params: { line: Number(line) } }),
  }
}

const timedOut = ({ config }: QuestionPlace): Meaning => ({
  code: 'STATEMENT_TIMED_OUT',
  params: { seconds: config.limits.statementTimeoutSeconds },
  fields: ['limits.statementTimeoutSeconds'],
})

const tooLarge = (): Meaning => ({ code: 'RESULT_TOO_LARGE', params: { limit: 'BigQuery lets a query return' } })

const notAccepted = ({ service, subject }: QuestionPlace): Meaning => ({
  code: 'CLOUD_REQUEST_INVALID',
  params: { service },
  fields: subject.fields,
})

const busy = ['rateLimitExceeded', 'jobRateLimitExceeded', 'userRateLimitExceeded', 'RATE_LIMIT_EXCEEDED']

/**
 * The first that fits counts. BigQuery's reasons are those of https://docs.cloud.google.com/bigquery/docs/error-messages, the
 * others those of `google.api.ErrorReason`. Messages quote statements, which may read like anything: they are looked at
 * only together with a reason, and from their beginning where that is possible.
 */
const rules: readonly Rule[] = [
  { status: [401], means: refusedToken },
  { reasons: ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'insufficientPermissions'], means: scopeMissing },
  { status: [403], message: /insufficient authentication scopes/i, means: scopeMissing },
  { reasons: perimeterReasons, means: outsidePerimeter },
  {
    status: [403],
    message: /^(?:VPC Service Controls: )?Request is prohibited by organization's policy/,
    means: outsidePerimeter,
  },
  { reasons: ['SERVICE_DISABLED', 'accessNotConfigured'], means: serviceOff },
  {
    reasons: ['BILLING_DISABLED', 'billingNotEnabled'],
    means: (place, refusal) => billingDisabled(consumerOf(place, refusal)),
  },
  { reasons: ['CONSUMER_INVALID', 'CONSUMER_SUSPENDED'], means: place => projectMissing(place, '') },
  { reasons: ['responseTooLarge'], means: tooLarge },
  { reasons: busy, means: ofService('CLOUD_THROTTLED') },
  {
    reasons: ['quotaExceeded', 'dailyLimitExceeded', 'RESOURCE_QUOTA_EXCEEDED'],
    means: ofService('CLOUD_QUOTA_EXCEEDED'),
  },
  { status: [429], means: ofService('CLOUD_THROTTLED') },
  {
    reasons: ['bytesBilledLimitExceeded'],
    means: ({ config }, refusal) => scanLimitReached(config, neededBytes(refusal)),
  },
  { reasons: ['timeout'], means: timedOut },
  { reasons: ['stopped'], message: /timed? ?out/i, means: timedOut },
  {
    reasons: ['stopped', 'resourcesExceeded', 'billingTierLimitExceeded'],
    means: () => ({ code: 'STATEMENT_CANCELLED' }),
  },
  { reasons: ['notFound'], means: absent },
  { reasons: ['accessDenied', 'forbidden'], message: /Drive credentials|Google Drive/, means: driveDenied },
  { reasons: ['accessDenied', 'forbidden', 'IAM_PERMISSION_DENIED'], means: accessDenied },
  {
    reasons: ['invalidQuery'],
    message: /^(?:Unrecognized name|(?:Table-valued )?[Ff]unction not found|Name \S+ not found inside)/,
    means: ({ subject }) => ({ code: 'OBJECT_NOT_FOUND', fields: subject.fields }),
  },
  { reasons: ['invalidQuery'], means: invalidQuery },
  {
    reasons: ['invalid'],
    message: /^(?:Invalid value for location|Cannot parse as CloudRegion|Invalid location)/i,
    means: place =>
      place.config.location === undefined ? notAccepted(place) : regionMismatch(place.config.location, null),
  },
  { reasons: ['invalid'], message: /^Invalid project ID/i, means: place => projectMissing(place, '') },
  { reasons: ['invalid'], about: 'statement', means: invalidQuery },
  {
    reasons: ['backendError', 'internalError', 'jobBackendError', 'jobInternalError', 'tableUnavailable', 'blocked'],
    means: ofService('CLOUD_UNAVAILABLE'),
  },
  { status: [500, 502, 503, 504], means: ofService('CLOUD_UNAVAILABLE') },
  { status: [403], means: accessDenied },
  { status: [404], means: absent },
  { status: [400], means: notAccepted },
]

/** What Google's refusal comes to. What no rule knows is UNCLASSIFIED. */
export function classifyRefusal(refusal: GoogleRefusal, place: QuestionPlace): Problem {
  const { reason, info, status, message } = refusal
  const rule = rules.find(
    known =>
      (known.reasons === undefined || known.reasons.includes(info) || known.reasons.includes(reason)) &&
      (known.status === undefined || known.status.includes(status)) &&
      (known.message === undefined || known.message.test(message)) &&
      (known.about === undefined || known.about === place.subject.what),
  )
  const meaning = rule?.means(place, refusal) ?? { code: 'UNCLASSIFIED' as const, params: { service: place.service } }
  return meant(meaning, detailOf(refusal))
}

/** Google's own words, with the name of the reason. */
export function detailOf({ reason, info, status, message }: GoogleRefusal): string {
  const name = reason || info || (status > 0 ? `HTTP ${status}` : '')
  if (message === '' || message === name) return name || 'Google does not say why.'
  // What is cut off is rather the end of what it says than what it calls it.
  const words = message.length > 250 ? `${message.slice(0, 249)}…` : message
  return name === '' ? words : `${words} (${name})`
}

const neededBytes = ({ message }: GoogleRefusal): bigint | null => {
  const bytes = /(\d{1,19}) or higher required/.exec(message)?.[1]
  return bytes === undefined ? null : BigInt(bytes)
}
