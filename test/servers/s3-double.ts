import type { IncomingMessage, ServerResponse } from 'node:http'
import { type DoubleKey, roleKeys } from './aws-double.ts'
import type { Certificate } from './certificates.ts'
import { HttpDouble } from './http-double.ts'
import { answerBuckets } from './s3-bucket-list.ts'
import { type BodyFault, isBodyFault, misbehave, type S3Fault, type Traffic } from './s3-faults.ts'
import { answerListing } from './s3-listing.ts'
import { answerObject } from './s3-object-answer.ts'
import { S3Objects } from './s3-objects.ts'
import { type ElsewhereShape, elsewhere } from './s3-regions.ts'
import { actionOf, parseS3Request, type S3Operation, type S3Request } from './s3-requests.ts'
import { signInRefusal } from './s3-sign-in.ts'
import { errorXml, locationXml, type S3Error, s3Error } from './s3-xml.ts'

/** A fault, or what decides it: for the `count`th request of its operation, from 1 on. */
export type S3FaultRule = S3Fault | ((count: number, request: S3Request) => S3Fault | null)

export interface S3DoubleOptions {
  /** Who may sign requests, by access key id, beside the role that the double of STS hands out. */
  readonly keys?: Readonly<Record<string, DoubleKey>>
  /** The region of each bucket; one in eu-west-1 when it is not given. */
  readonly buckets?: Readonly<Record<string, string>>
  /** How it is said that a bucket is in another region than the request. */
  readonly elsewhere?: ElsewhereShape
  /** How far its clock is ahead. */
  readonly skewMs?: number
  /** What may not be done: an action as policies call it, on a resource, by whoever signs with this key. */
  readonly denies?: (action: string, resource: string, accessKeyId: string) => boolean
  /** As of `ListingAnswerOptions`. */
  readonly repeatsFolders?: boolean
  readonly at?: { readonly [O in S3Operation]?: S3FaultRule }
  readonly certificate?: Certificate
}

export const bucket = 'sales'

/** One answer that was given. */
export interface S3Served extends S3Request {
  readonly status: number
}

/**
 * Amazon S3 as far as reading goes: signatures, clocks, regions, rights, listings and ranges are as its API reference says.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
 */
export class S3Double extends HttpDouble {
  readonly #options: S3DoubleOptions
  readonly #counts = new Map<S3Operation, number>()
  #requestNumber = 0
  /** Of the bucket `sales`. */
  readonly objects = new S3Objects()
  /** Every answer that was begun, whatever became of it. */
  readonly served: S3Served[] = []
  readonly traffic: Traffic = { sentBytes: 0, blocked: 0, held: 0, everHeld: 0 }
  /** Objects that are being sent. */
  transfers = 0

  private constructor(options: S3DoubleOptions) {
    super(options.certificate)
    this.#options = options
  }

  static start(options: S3DoubleOptions = {}): Promise<S3Double> {
    return new S3Double(options).listen()
  }

  /** What was asked, in order. */
  get operations(): readonly S3Operation[] {
    return this.served.map(({ operation }) => operation)
  }

  protected async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    incoming.resume()
    let request: S3Request
    try {
      request = parseS3Request(incoming)
    } catch {
      return this.#fail(response, incoming.method, s3Error('InvalidURI', 400, "Couldn't parse the specified URI."))
    }
    const count = (this.#counts.get(request.operation) ?? 0) + 1
    this.#counts.set(request.operation, count)
    // Refused requests have been asked too: whoever counts wants to know of them.
    response.on('close', () => this.served.splice(index, 1, { ...request, status: response.statusCode }))
    const index = this.served.push({ ...request, status: 0 }) - 1

    const keys = { [roleKeys.id]: roleKeys, ...this.#options.keys }
    const refusal = signInRefusal(request, incoming, { keys, now: this.#now() })
    if (refusal) return this.#fail(response, request.method, refusal)
    const rule = this.#options.at?.[request.operation] ?? null
    const fault = typeof rule === 'function' ? rule(count, request) : rule
    if (fault === null || isBodyFault(fault)) return this.#answer(request, response, fault)
    if (typeof fault === 'string') return misbehave(fault, response, this.traffic)
    if ('error' in fault) return this.#fail(response, request.method, { ...fault, code: fault.error })
    if ('listing' in fault) {
      const answer = answerListing(request, fault.listing, { nextToken: fault.nextToken ?? null })
      return this.#say(response, answer)
    }
    response.writeHead(fault.status, fault.headers ?? {}).end(fault.body)
  }

  async #answer(request: S3Request, response: ServerResponse, fault: BodyFault | null): Promise<void> {
    const { buckets = { [bucket]: 'eu-west-1' }, elsewhere: shape = 'PERMANENT_REDIRECT', denies } = this.#options
    const { operation, method, signature, key } = request
    const fail = (error: S3Error, headers?: Readonly<Record<string, string>>) =>
      this.#fail(response, method, error, headers)
    const isDenied = (what: string, resource: string) => denies?.(what, resource, signature?.accessKeyId ?? '') ?? false
    if (operation === 'ListBuckets') {
      if (isDenied(actionOf[operation], '*')) return fail(deniedTo(actionOf[operation], request))
      const answer = answerBuckets(request, buckets)
      return 'code' in answer ? fail(answer) : this.#say(response, answer.document)
    }
    const region = Object.hasOwn(buckets, request.bucket) ? buckets[request.bucket] : undefined
    if (region === undefined) {
      return fail(s3Error('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: request.bucket }))
    }
    if (signature && signature.region !== region) {
      const { error, headers } = elsewhere(shape, request.bucket, region, signature.region)
      return fail(error, headers)
    }
    const action = actionOf[operation]
    const arn = `arn:aws:s3:::${request.bucket}`
    if (isDenied(action, key === '' ? arn : `${arn}/${key}`)) return fail(deniedTo(action, request))
    switch (operation) {
      case 'HeadBucket':
        response.writeHead(200, { ...this.#headers(), 'x-amz-bucket-region': region }).end()
        return
      case 'GetBucketLocation':
        return this.#say(response, locationXml(region))
      case 'ListObjectsV2': {
        response.setHeader('x-amz-bucket-region', region)
        return this.#say(
          response,
          answerListing(request, this.objects, { repeatsFolders: this.#options.repeatsFolders ?? false }),
        )
      }
      case 'HeadObject':
      case 'GetObject': {
        // Who may not list is not told whether there is such an object.
        const mayList = !isDenied('s3:ListBucket', arn)
        for (const [name, value] of Object.entries(this.#headers())) response.setHeader(name, value)
        this.transfers += 1
        response.on('close', () => {
          this.transfers -= 1
        })
        const options = { objects: this.objects, mayList, fault, traffic: this.traffic }
        const refused = await answerObject(request, response, options)
        if (refused) fail(refused === 'DENIED' ? deniedTo('s3:ListBucket', request) : refused)
        return
      }
      default:
        return fail(s3Error('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.'))
    }
  }

  #say(response: ServerResponse, document: string): void {
    response.writeHead(200, { ...this.#headers(), 'content-type': 'application/xml' }).end(document)
  }

  #fail(
    response: ServerResponse,
    method: string | undefined,
    error: S3Error,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const own = this.#headers()
    response.writeHead(error.status, { ...own, ...headers, 'content-type': 'application/xml' })
    // Answers to HEAD have no body, and so no code: that is why nobody should ask that way.
    response.end(method === 'HEAD' ? undefined : errorXml(error, own['x-amz-request-id'], own['x-amz-id-2']))
  }

  #headers() {
    this.#requestNumber += 1
    return {
      'x-amz-request-id': `R${String(this.#requestNumber).padStart(15, '0')}`,
      'x-amz-id-2': 'hostIdhostIdhostIdhostIdhostIdhostIdhostId=',
      date: new Date(this.#now()).toUTCString(),
      server: 'AmazonS3',
    }
  }

  #now(): number {
    return Date.now() + (this.#options.skewMs ?? 0)
  }
}

function deniedTo(action: string, request: S3Request): S3Error {
  const object = action === 's3:GetObject' ? `/${request.key}` : ''
  return s3Error(
    'AccessDenied',
    403,
    `User: arn:aws:iam::111122223333:user/ann is not authorized to perform: ${action} on resource: "arn:aws:s3:::${request.bucket}${object}" because no identity-based policy allows the ${action} action`,
  )
}
