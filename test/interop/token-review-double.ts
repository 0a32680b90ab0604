import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { type Certificate, issueCertificate } from '../servers/certificates.ts'
import { HttpDouble } from '../servers/http-double.ts'
import { ServiceAccountTokens } from '../servers/service-account-tokens.ts'

/** What tokens for the API server itself are for. */
export const clusterAudience = 'https://kubernetes.default.svc.cluster.local'

const path = '/apis/authentication.k8s.io/v1/tokenreviews'

/** `FORBIDDEN`: the reviewer has lost its right to ask. `HANGING`: takes requests and never answers. */
export type ReviewFault = 'UNAUTHORIZED' | 'FORBIDDEN' | 'FAILED' | 'HANGING'

const failures = {
  UNAUTHORIZED: [401, 'Unauthorized'],
  FORBIDDEN: [403, 'Forbidden'],
  FAILED: [500, 'InternalError'],
} as const

/** The API server of a Kubernetes cluster, for those who ask it whether a service account's token is good (TokenReview). */
export class TokenReviewDouble extends HttpDouble {
  /** PEM of the authority of its certificate. */
  readonly authority: string
  /** What the kubelet projects into pods. */
  readonly tokens = new ServiceAccountTokens()
  /** While it is set, every review fails so. */
  fault: ReviewFault | null = null
  /** How often it was asked. */
  reviews = 0

  private constructor(certificate: Certificate, authority: string) {
    super(certificate)
    this.authority = authority
  }

  static async start(): Promise<TokenReviewDouble> {
    const root = issueCertificate({ commonName: 'Kubernetes Root', authority: true })
    const certificate = issueCertificate({ commonName: 'api', issuer: root, names: ['127.0.0.1'], usage: 'server' })
    return await new TokenReviewDouble(certificate, root.certificate).listen()
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== path) return fail(response, [404, 'NotFound'])
    const { spec } = (await json(request)) as { readonly spec: ReviewSpec }
    this.reviews += 1
    if (this.fault === 'HANGING') return
    if (this.fault !== null) return fail(response, failures[this.fault])
    const bearer = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    if (this.tokens.review(bearer, [clusterAudience]) === null) return fail(response, failures.UNAUTHORIZED)
    const review = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec }
    answer(response, 201, { ...review, status: this.#review(spec) })
  }

  #review({ token, audiences = [clusterAudience] }: ReviewSpec): object {
    const claims = this.tokens.review(token, audiences)
    if (claims === null) return { user: {}, error: '[invalid bearer token, service account token is not valid]' }
    const { namespace, serviceaccount } = claims['kubernetes.io']
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    return {
      authenticated: true,
      user: { username: claims.sub, uid: serviceaccount.uid, groups },
      audiences: audiences.filter(audience => claims.aud.includes(audience)),
    }
  }
}

interface ReviewSpec {
  readonly token: string
  readonly audiences?: readonly string[]
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const fail = (response: ServerResponse, [code, reason]: readonly [number, string]): void =>
  answer(response, code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: reason,
    reason,
    code,
  })
