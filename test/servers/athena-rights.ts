/** Of everybody. */
export const account = '111122223333'

/** Who asks. */
export interface AthenaCaller {
  readonly arn: string
  /** Whether the session's policy allows it; keys without a session may do anything that is not denied. */
  readonly allows: (action: string, resource: string) => boolean
}

/** Thrown by whatever finds out that a request must be refused. */
export class AthenaRefusalError extends Error {
  readonly code: string
  readonly more: object

  constructor(code: string, message: string, more: object = {}) {
    super(message)
    this.code = code
    this.more = more
  }
}

export const invalid = (message: string, code = 'INVALID_INPUT') =>
  new AthenaRefusalError('InvalidRequestException', message, { AthenaErrorCode: code })

export const refusalOf = ({ arn }: AthenaCaller, action: string, resource: string): string =>
  `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`

/** What AWS Glue has said, as Athena passes it on. */
export const metadataFault = (message: string, code: string): AthenaRefusalError =>
  new AthenaRefusalError(
    'MetadataException',
    `${message} (Service: AmazonDataCatalog; Status Code: 400; Error Code: ${code}; Request ID: 45914404-2fad-4053; Proxy: null)`,
  )

type Denies = (action: string, resource: string) => boolean

/** Who may do what: the session's policy must allow it, and those of whoever asks must not deny it. */
export class AthenaRights {
  readonly #denies: Denies
  readonly #region: string

  constructor(denies: Denies, region: string) {
    this.#denies = denies
    this.#region = region
  }

  may(caller: AthenaCaller, action: string, resource: string): boolean {
    return caller.allows(action, resource) && !this.#denies(action, resource)
  }

  require(caller: AthenaCaller, action: string, resource: string): void {
    if (this.may(caller, action, resource)) return
    throw new AthenaRefusalError('AccessDeniedException', refusalOf(caller, action, resource))
  }

  athenaArn(kind: 'workgroup' | 'datacatalog', name: string): string {
    return `arn:aws:athena:${this.#region}:${account}:${kind}/${name}`
  }

  glueArn(kind: 'catalog' | 'database' | 'table', ...names: readonly string[]): string {
    return `arn:aws:glue:${this.#region}:${account}:${[kind, ...names].join('/')}`
  }
}
