import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type AthenaAction, AthenaDouble, type AthenaDoubleOptions, athenaActions } from './athena-double.ts'
import type { AthenaCaller } from './athena-rights.ts'
import { policyAllows } from './aws-session-policy.ts'
import { type AwsSignature, isSignedWith, parseSignature } from './aws-signature.ts'
import type { Certificate } from './certificates.ts'
import { HttpDouble } from './http-double.ts'

export interface DoubleKey {
  readonly secret: string
  readonly sessionToken?: string
}

/** What is said in the place of an answer. */
export type Misbehaviour =
  /** An error in the words of the service's protocol. */
  | { readonly error: string; readonly message: string; readonly status?: number }
  /** Anything else that HTTP can carry. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }
  | 'HANG'
  /** Does what it is asked to, and says nothing. */
  | 'DO_AND_HANG'
  /** The head of an answer, and then a byte now and then. */
  | 'DRIP'
  /** An answer without an end. */
  | 'FLOOD'
  /** Hangs up in the middle of an answer. */
  | 'CUT'
  | 'CUT_AT_ONCE'

export type Action =
  | 'AssumeRole'
  | 'GetCallerIdentity'
  | 'SimulatePrincipalPolicy'
  | 'GetClusterCredentials'
  | 'GetClusterCredentialsWithIAM'
  | 'GetCredentials'
  | AthenaAction

/** One request for an action. */
export interface DoubleCall {
  /** Which one for this action, from 1. */
  readonly nth: number
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface AwsDoubleOptions {
  /** Who may sign requests, by access key id. */
  readonly keys?: Readonly<Record<string, DoubleKey>>
  readonly region?: string
  /** How far its clock is ahead. */
  readonly skewMs?: number
  /** The external id that its roles demand. */
  readonly externalId?: string
  readonly clusters?: readonly string[]
  readonly workgroups?: readonly string[]
  /** ARN of whom the keys belong to that are no role's. */
  readonly identityArn?: string
  /** What the policies of whoever is asked about come to; nobody may ask when it is not given. */
  readonly rights?: (action: string, resource: string) => SimulatedDecision
  /** What the database's user and password are that it hands out. */
  readonly database?: { readonly user: string; readonly password: string }
  /** What it hands out to whoever assumes a role. */
  readonly role?: typeof roleKeys
  readonly at?: { readonly [A in Action]?: Misbehaviour | ((call: DoubleCall) => Misbehaviour | undefined) }
  /** What becomes of a good answer before it is sent. */
  readonly changes?: { readonly [A in Action]?: (answer: never, call: DoubleCall) => unknown }
  readonly athena?: AthenaDoubleOptions
  readonly certificate?: Certificate
}

/** Allowed, denied, or denied for want of knowing a condition's value. */
export type SimulatedDecision = boolean | { readonly missing: string }

export interface AwsRequest {
  readonly action: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly signature: AwsSignature
}

export const roleKeys = {
  id: 'ASIAROLEROLEROLEROLE',
  secret: 'role-secret-6Yq',
  sessionToken: 'role-session-token-8Kd',
}

const roleSession = 'arn:aws:sts::111122223333:assumed-role/patchbay/patchbay'

type DoubleAnswer =
  | { readonly json: object }
  | { readonly code: string; readonly message: string; readonly status: number; readonly more?: object }

const serviceOf: Readonly<Record<Action, string>> = {
  AssumeRole: 'sts',
  GetCallerIdentity: 'sts',
  SimulatePrincipalPolicy: 'iam',
  GetClusterCredentials: 'redshift',
  GetClusterCredentialsWithIAM: 'redshift',
  GetCredentials: 'redshift-serverless',
  ...(Object.fromEntries(athenaActions.map(action => [action, 'athena'])) as Record<AthenaAction, string>),
}

const isOfAthena = (action: Action): action is AthenaAction => serviceOf[action] === 'athena'

/**
 * STS, IAM's simulation, Redshift and Redshift Serverless as far as credentials go, and Athena: signatures, regions, clocks
 * and rights are checked as AWS does.
 */
export class AwsDouble extends HttpDouble {
  readonly #options: AwsDoubleOptions
  /** Requests whose signature was right. */
  readonly requests: AwsRequest[] = []
  /** Answers that are being withheld. */
  held = 0
  readonly athena: AthenaDouble
  /** How often each action was asked for. */
  readonly #counts = new Map<string, number>()
  /** What sessions of the role may do, by their tokens. */
  readonly #sessions = new Map<string, string>()

  private constructor(options: AwsDoubleOptions) {
    super(options.certificate)
    this.#options = options
    this.athena = new AthenaDouble(options.athena ?? {}, options.region ?? 'eu-west-1')
  }

  static start(options: AwsDoubleOptions = {}): Promise<AwsDouble> {
    return new AwsDouble(options).listen()
  }

  /** For `NetworkSettings.awsEndpoints`: all services are here. */
  get endpoints(): Readonly<Record<string, string>> {
    const { url } = this
    return { sts: url, iam: url, redshift: url, 'redshift-serverless': url, athena: url }
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const target = String(request.headers['x-amz-target'] ?? '')
    const isJson = target !== ''
    const parameters: Record<string, unknown> = isJson
      ? JSON.parse(body.toString())
      : Object.fromEntries(new URLSearchParams(body.toString()))
    const action = (isJson ? target.split('.').at(-1) : parameters['Action']) as Action
    response.setHeader('date', new Date(this.#now()).toUTCString())
    const say = (status: number, text: string, type: string) => {
      response.writeHead(status, { 'content-type': type }).end(text)
    }
    const fail = (code: string, message: string, status = 400, more: object = {}) => {
      if (target.startsWith('AmazonAthena.')) {
        return say(status, JSON.stringify({ __type: code, Message: message, ...more }), 'application/x-amz-json-1.1')
      }
      if (isJson) {
        const type = `com.amazonaws.redshiftserverless#${code}`
        return say(status, JSON.stringify({ __type: type, message }), 'application/x-amz-json-1.1')
      }
      const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`
      say(status, `<ErrorResponse>${error}<RequestId>1f0e-22</RequestId></ErrorResponse>`, 'text/xml')
    }
    const sessionToken = request.headers['x-amz-security-token'] as string | undefined
    const call = { nth: (this.#counts.get(action) ?? 0) + 1, parameters }
    this.#counts.set(action, call.nth)
    const planned = this.#options.at?.[action]
    const misbehaviour = typeof planned === 'function' ? planned(call) : planned
    const signature = parseSignature(request.headers.authorization)
    if (misbehaviour === undefined || typeof misbehaviour === 'string') {
      const refusal = this.#refusal(signature, action, isJson, request, body)
      if (refusal) return fail(...refusal)
    }
    if (signature) this.requests.push({ action, parameters, signature })
    if (misbehaviour === 'DO_AND_HANG') this.#answer(action, parameters, signature, sessionToken)
    if (typeof misbehaviour === 'string') return this.#misbehave(misbehaviour, response)
    if (misbehaviour && 'error' in misbehaviour) {
      return fail(misbehaviour.error, misbehaviour.message, misbehaviour.status)
    }
    if (misbehaviour) {
      response.writeHead(misbehaviour.status, misbehaviour.headers ?? {}).end(misbehaviour.body)
      return
    }
    const answer = this.#answer(action, parameters, signature, sessionToken)
    if ('code' in answer) return fail(answer.code, answer.message, answer.status, answer.more)
    const change = this.#options.changes?.[action] ?? ((json: object) => json)
    if (isJson) say(200, JSON.stringify(change(answer.json as never, call)), 'application/x-amz-json-1.1')
    else
      say(
        200,
        `<${action}Response><${action}Result>${toXml(answer.json)}</${action}Result></${action}Response>`,
        'text/xml',
      )
  }

  /** Why the request is not let in, in AWS' words. */
  #refusal(
    signature: AwsSignature | null,
    action: Action,
    isJson: boolean,
    { headers, method = '', url = '' }: IncomingMessage,
    body: Buffer,
  ): [code: string, message: string, status: number] | null {
    const { keys = {}, region = 'eu-west-1', role = roleKeys } = this.#options
    if (!signature) return ['MissingAuthenticationToken', 'Request is missing Authentication Token', 403]
    const unknown = isJson ? 'UnrecognizedClientException' : 'InvalidClientTokenId'
    const mismatch = isJson ? 'InvalidSignatureException' : 'SignatureDoesNotMatch'
    const known: DoubleKey | undefined = signature.accessKeyId === role.id ? role : keys[signature.accessKeyId]
    if (!known) return [unknown, 'The security token included in the request is invalid.', 403]
    const token = headers['x-amz-security-token']
    // Another double may have opened it.
    const isSession = known === role && String(token).startsWith(role.sessionToken)
    if (known.sessionToken !== token && !isSession) {
      return [unknown, 'The security token included in the request is invalid.', 403]
    }
    const sentAt = Date.parse(String(headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
    if (Math.abs(sentAt - this.#now()) > 5 * 60_000) {
      const words =
        sentAt < this.#now()
          ? 'expired: 20261122T100000Z is now earlier than'
          : 'not yet current: 20261122T100000Z is still later than'
      return [mismatch, `Signature ${words} 20261122T101000Z (20261122T101500Z - 5 min.)`, 403]
    }
    // One endpoint serves all regions.
    if (signature.region !== (signature.service === 'iam' ? 'us-east-1' : region)) {
      return [mismatch, `Credential should be scoped to a valid region, not '${signature.region}'. `, 403]
    }
    if (signature.service !== serviceOf[action]) {
      return [mismatch, `Credential should be scoped to correct service: '${serviceOf[action]}'. `, 403]
    }
    if (!isSignedWith(known.secret, signature, { method, path: url, headers, body })) {
      return [mismatch, 'The request signature we calculated does not match the signature you provided.', 403]
    }
    return null
  }

  #answer(
    action: Action,
    parameters: Readonly<Record<string, unknown>>,
    signature: AwsSignature | null,
    sessionToken?: string,
  ): DoubleAnswer {
    if (isOfAthena(action)) return this.athena.answer(action, parameters, this.#callerOf(signature, sessionToken))
    const { externalId, clusters = ['sales'], workgroups = ['sales'], database, role = roleKeys } = this.#options
    const { user, password } = database ?? { user: 'reader', password: 'temporary-password-5Tz' }
    const expiration = new Date(this.#now() + 900_000)
    switch (action) {
      case 'AssumeRole': {
        const arn = String(parameters['RoleArn'])
        if (externalId !== undefined && parameters['ExternalId'] !== externalId) {
          const message = `User: arn:aws:sts::111122223333:assumed-role/patchbay/host is not authorized to perform: sts:AssumeRole on resource: ${arn}`
          return { code: 'AccessDenied', message, status: 403 }
        }
        return {
          json: {
            AssumedRoleUser: {
              AssumedRoleId: 'AROA:patchbay',
              Arn: `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/patchbay`,
            },
            Credentials: {
              AccessKeyId: role.id,
              SecretAccessKey: role.secret,
              SessionToken: this.#openSession(String(parameters['Policy'] ?? '')),
              Expiration: expiration.toISOString(),
            },
          },
        }
      }
      case 'GetCallerIdentity': {
        const isRole = signature?.accessKeyId === role.id
        const arn = isRole ? roleSession : this.#identityArn
        return { json: { Arn: arn, UserId: 'AIDA1', Account: '111122223333' } }
      }
      case 'SimulatePrincipalPolicy':
        return this.#simulate(parameters)
      case 'GetClusterCredentials':
      case 'GetClusterCredentialsWithIAM': {
        const cluster = String(parameters['ClusterIdentifier'])
        if (!clusters.includes(cluster)) {
          return { code: 'ClusterNotFound', message: `Cluster ${cluster} not found.`, status: 404 }
        }
        const asked = action === 'GetClusterCredentials' ? String(parameters['DbUser']) : user
        const prefix = action === 'GetClusterCredentials' ? 'IAM' : 'IAMR'
        return { json: { DbUser: `${prefix}:${asked}`, DbPassword: password, Expiration: expiration.toISOString() } }
      }
      case 'GetCredentials': {
        const workgroup = String(parameters['workgroupName'])
        if (!workgroups.includes(workgroup)) {
          return { code: 'ResourceNotFoundException', message: `Workgroup ${workgroup} not found.`, status: 400 }
        }
        return { json: { dbUser: `IAMR:${user}`, dbPassword: password, expiration: expiration.getTime() / 1_000 } }
      }
      default:
        return { code: 'InvalidAction', message: `Could not find operation ${String(action)}.`, status: 400 }
    }
  }

  get #identityArn(): string {
    return this.#options.identityArn ?? 'arn:aws:iam::111122223333:user/ann'
  }

  /** The token of a session of the role that may do what the policy allows. Sessions that may the same are one. */
  #openSession(policy: string): string {
    const { sessionToken } = this.#options.role ?? roleKeys
    const known = [...this.#sessions].find(([, allowed]) => allowed === policy)
    if (known) return known[0]
    const token = this.#sessions.size === 0 ? sessionToken : `${sessionToken}${this.#sessions.size + 1}`
    this.#sessions.set(token, policy)
    return token
  }

  #callerOf(signature: AwsSignature | null, sessionToken: string | undefined): AthenaCaller {
    const { id } = this.#options.role ?? roleKeys
    if (signature?.accessKeyId !== id) return { arn: this.#identityArn, allows: () => true }
    const policy = this.#sessions.get(sessionToken ?? '') ?? ''
    return { arn: roleSession, allows: (action, resource) => policy === '' || policyAllows(policy, action, resource) }
  }

  #simulate(parameters: Readonly<Record<string, unknown>>): DoubleAnswer {
    const { rights } = this.#options
    if (!rights) {
      const message = `User: ${this.#identityArn} is not authorized to perform: iam:SimulatePrincipalPolicy on resource: ${String(parameters['PolicySourceArn'])} because no identity-based policy allows the iam:SimulatePrincipalPolicy action`
      return { code: 'AccessDenied', message, status: 403 }
    }
    const listed = (name: string) =>
      Object.keys(parameters)
        .filter(key => key.startsWith(`${name}.member.`))
        .map(key => String(parameters[key]))
    const results = listed('ActionNames').flatMap(action =>
      listed('ResourceArns').map(resource => {
        const decision = rights(action, resource)
        const missing = typeof decision === 'object' ? { MissingContextValues: { member: decision.missing } } : {}
        return {
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: decision === true ? 'allowed' : 'implicitDeny',
          ...missing,
        }
      }),
    )
    return { json: { EvaluationResults: results.map(result => ({ member: result })), IsTruncated: 'false' } }
  }

  async #misbehave(how: Extract<Misbehaviour, string>, response: ServerResponse): Promise<void> {
    this.held += 1
    const xml = { 'content-type': 'text/xml' }
    switch (how) {
      case 'HANG':
      case 'DO_AND_HANG':
        return
      case 'CUT_AT_ONCE':
        response.destroy()
        return
      case 'CUT':
        response.writeHead(200, { ...xml, 'content-length': '5000' }).write('<GetClusterCredentialsResponse>')
        await delay(20)
        response.destroy()
        return
      case 'DRIP':
        response.writeHead(200, xml)
        while (!response.destroyed && !response.writableEnded) {
          response.write(' ')
          await delay(50)
        }
        return
      case 'FLOOD': {
        response.writeHead(200, xml)
        const chunk = Buffer.alloc(65_536, 'x')
        response.setMaxListeners(0)
        while (!response.destroyed) {
          if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
        }
      }
    }
  }

  #now(): number {
    return Date.now() + (this.#options.skewMs ?? 0)
  }
}

const escapeXml = (text: string) => text.replace(/[<>&]/g, character => `&#${character.charCodeAt(0)};`)

/** Of a list: one element after another, of the names that their items have. */
const toXml = (value: object): string =>
  (Array.isArray(value) ? value.flatMap(item => Object.entries(item as object)) : Object.entries(value))
    .map(
      ([name, item]) =>
        `<${name}>${typeof item === 'object' ? toXml(item as object) : escapeXml(String(item))}</${name}>`,
    )
    .join('')
