import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import type { AwsEndpoint } from '../aws/endpoint.ts'
import type { AwsKeys } from '../aws/identity.ts'
import type { AwsFormPlace } from '../aws/problems.ts'
import { AwsCallError, AwsService, type ClientSettings } from '../aws/service.ts'
import type { TokenPart } from '../aws/token-pages.ts'
import { endpointUrl } from '../cloud/endpoint.ts'
import type { EndpointSteps } from '../cloud/endpoint-steps.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { askAgain } from './ask-again.ts'
import type { S3Config } from './form.ts'
import { type ListedBucket, readBuckets } from './listed-buckets.ts'
import { type ListingPage, readPage } from './listing-page.ts'
import { type ObjectAnswer, readAnswer } from './object-answer.ts'
import { explained } from './problems.ts'
import { noteAnswers, type ServerNotes } from './server-notes.ts'

/** Of what a call may take, and what ends it. */
export interface CallTime {
  readonly signal: AbortSignal
  readonly budgetMs: number
}

export interface ListRequest {
  readonly prefix: string
  /** Keys with a slash behind the prefix are left out. */
  readonly inFolder?: boolean
  readonly maxKeys?: number
  /** Of the page before. */
  readonly token?: string | null
  /** Only what comes behind this text. */
  readonly startAfter?: string | null
}

export interface ObjectRequest {
  readonly key: string
  /** The field in which somebody has typed it, if nobody has listed it. */
  readonly keyField?: string | null
  /** First byte, and the last one; left out: to the end. */
  readonly range?: { readonly first: number; readonly last?: number }
  /** The object must be this one still. */
  readonly etag?: string | null
}

/** A thousand keys of 1,024 bytes, each of them spelled with three characters, and what stands around them. */
const maxListingBytes = 4 * 1_048_576

/** One bucket, as far as it is read. What fails is thrown as an `AwsCallError` that speaks of the form and of S3. */
export class Bucket {
  readonly #config: S3Config
  readonly #endpoint: EndpointSteps<AwsEndpoint>
  /** Listings end somewhere; objects do not. */
  readonly #listing: AwsService<S3Client>
  readonly #objects: AwsService<S3Client>
  readonly notes: ServerNotes = { server: null, bucketRegion: null }

  constructor(config: S3Config, endpoint: EndpointSteps<AwsEndpoint>, place: AwsFormPlace, keys: () => AwsKeys) {
    this.#config = config
    this.#endpoint = endpoint
    const service = (maxAnswerBytes: number) =>
      new AwsService({
        endpoint,
        place,
        keys,
        maxAnswerBytes,
        carriesObjects: true,
        make: settings => this.#client(settings),
      })
    this.#listing = service(maxListingBytes)
    this.#objects = service(Number.POSITIVE_INFINITY)
  }

  /** Who answers. */
  get server(): AwsEndpoint {
    return this.#endpoint.endpoint
  }

  /** Where it is: `https://s3.eu-west-1.amazonaws.com/bucket`. */
  get url(): string {
    return `${endpointUrl(this.#endpoint.endpoint)}/${this.#config.bucket}`
  }

  async list(
    { prefix, inFolder = false, maxKeys, token, startAfter }: ListRequest,
    time: CallTime,
  ): Promise<ListingPage> {
    return this.#asking(null, null, time, left =>
      this.#listing.ask({ ...left, ...this.#about('s3:ListBucket') }, async (client, options) =>
        readPage(
          await client.send(
            new ListObjectsV2Command({
              Bucket: this.#config.bucket,
              Prefix: prefix,
              // XML has no place for some characters of keys.
              EncodingType: 'url',
              ...(inFolder && { Delimiter: '/' }),
              ...(maxKeys !== undefined && { MaxKeys: maxKeys }),
              ...(token != null && { ContinuationToken: token }),
              ...(startAfter != null && { StartAfter: startAfter }),
            }),
            options,
          ),
        ),
      ),
    )
  }

  /** A part of all buckets of whoever asks: nothing of this one is asked for, nor told to anybody. */
  async buckets(token: string | null, time: CallTime): Promise<TokenPart<ListedBucket>> {
    return this.#asking(null, null, time, left =>
      this.#listing.ask({ ...left, ...aboutBuckets }, async (client, options) => {
        // With a number regions are told, too.
        const command = new ListBucketsCommand({
          MaxBuckets: 1_000,
          ...(token !== null && { ContinuationToken: token }),
        })
        return readBuckets(await client.send(command, options))
      }),
    )
  }

  /** Where it is, as its head tells those too who may not list it; null where it does not. */
  async regionByHead(time: CallTime): Promise<string | null> {
    this.notes.bucketRegion = null
    try {
      await this.#listing.ask({ ...time, ...this.#about('s3:ListBucket') }, (client, options) =>
        client.send(new HeadBucketCommand({ Bucket: this.#config.bucket }), options),
      )
    } catch (error) {
      // Refusals have it too.
      if (!(error instanceof AwsCallError)) throw error
    }
    return this.notes.bucketRegion
  }

  /** The answer's body must be read or destroyed. Its time counts until the answer has begun. */
  get({ key, keyField = null, range, etag }: ObjectRequest, time: CallTime): Promise<ObjectAnswer> {
    return this.#asking(key, keyField, time, left =>
      this.#objects.ask({ ...left, ...this.#about('s3:GetObject') }, async (client, { abortSignal }) => {
        const output = await untilHead(abortSignal, signal =>
          client.send(
            new GetObjectCommand({
              Bucket: this.#config.bucket,
              Key: key,
              ...(range && { Range: `bytes=${range.first}-${range.last ?? ''}` }),
              ...(etag != null && { IfMatch: etag }),
            }),
            { abortSignal: signal },
          ),
        )
        return readAnswer(output, range?.first ?? 0)
      }),
    )
  }

  /** What an error comes to that was thrown while an object was read. */
  failure(error: unknown, key: string, budgetMs: number): AwsCallError {
    if (error instanceof AwsCallError) return error
    return this.#explained(this.#objects.failure(error, { ...this.#about('s3:GetObject'), budgetMs }), key, null)
  }

  /** For what only several of its answers together show. */
  violation(fault: string): AwsCallError {
    const about = { ...this.#about('s3:ListBucket'), budgetMs: 0 }
    return this.#explained(this.#listing.failure(new ProtocolFaultError(fault), about), null, null)
  }

  close(): void {
    this.#listing.close()
    this.#objects.close()
  }

  async #asking<T>(
    key: string | null,
    keyField: string | null,
    time: CallTime,
    ask: (left: CallTime) => Promise<T>,
  ): Promise<T> {
    try {
      return await askAgain(time, ask)
    } catch (error) {
      throw error instanceof AwsCallError ? this.#explained(error, key, keyField) : error
    }
  }

  #explained(error: AwsCallError, key: string | null, keyField: string | null): AwsCallError {
    return explained(error, { config: this.#config, key, keyField, server: this.server })
  }

  #about(action: string) {
    return { action, subject: { what: 'bucket', name: this.#config.bucket, field: 'bucket' } }
  }

  #client(settings: ClientSettings): S3Client {
    const client = new S3Client({
      ...settings,
      // One name for all buckets of a region: none of them is told to name servers.
      forcePathStyle: true,
      // Nothing is asked of anybody whose address has not been checked.
      followRegionRedirects: false,
      disableMultiregionAccessPoints: true,
      disableS3ExpressSessionAuth: true,
      useArnRegion: false,
      useAccelerateEndpoint: false,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      expectContinueHeader: false,
    })
    noteAnswers(client, this.notes)
    return client
  }
}

const aboutBuckets = {
  action: 's3:ListAllMyBuckets',
  subject: { what: 'list of', name: 'buckets', field: 'bucket' },
}

/** The SDK takes a signal for all of an answer; time that counts only until it has begun must not cut the rest. */
async function untilHead(
  signal: AbortSignal,
  send: (signal: AbortSignal) => Promise<GetObjectCommandOutput>,
): Promise<GetObjectCommandOutput> {
  const transfer = new AbortController()
  const abort = () => transfer.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    const output = await send(transfer.signal)
    // Nobody waits for it any more.
    if (signal.aborted) transfer.abort(signal.reason)
    return output
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
