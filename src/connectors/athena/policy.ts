import { literalInPolicy, type PolicyStatement, policyDocument } from '../aws/policy.ts'
import { partitionOf } from '../aws/region.ts'
import type { AthenaConfig } from './form.ts'

/** A place in S3, as `s3://bucket/prefix/` names it. */
export interface S3Place {
  readonly bucket: string
  /** What keys begin with: empty, or with a slash at its end. */
  readonly prefix: string
}

/** Null for what is no place in S3: it becomes part of policies. */
export function readS3Place(location: string): S3Place | null {
  const found = /^s3[an]?:\/\/([a-z0-9][\w.-]{1,254})(?:\/+(.{0,1024}))?$/isu.exec(location)
  if (!found) return null
  const [, bucket = '', path = ''] = found
  return { bucket, prefix: path === '' || path.endsWith('/') ? path : `${path}/` }
}

/** Of a policy that has only this in it, in characters: a longer one would leave no room for the rest of a session's. */
const maxPolicyOfPrefix = 280

/** The beginning of a place's prefix that there is room for. */
function prefixIn({ prefix }: S3Place): string {
  let cut = prefix
  while (policyDocument([{ actions: [], resources: [literalInPolicy(cut)] }]).length > maxPolicyOfPrefix) {
    // Never half of a character.
    cut = cut.replace(/.$/su, '')
  }
  return literalInPolicy(cut)
}

/** Everything under the place. */
export const objectsArn = (place: S3Place, region: string): string =>
  `arn:${partitionOf(region)}:s3:::${place.bucket}/${prefixIn(place)}*`

/** Who and where: the account is `*` before it is known. */
interface Owner {
  readonly region: string
  readonly account: string
}

const arn = (service: string, { region, account }: Owner, resource: string): string =>
  `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`

export const workgroupArn = (owner: Owner, workgroup: string): string => arn('athena', owner, `workgroup/${workgroup}`)

/** To run queries in the workgroup, and to look at what its catalogs hold. */
function asking({ region, workgroup }: AthenaConfig, account: string): PolicyStatement[] {
  const owner = { region, account }
  return [
    {
      actions: [
        'GetWorkGroup',
        'StartQueryExecution',
        'StopQueryExecution',
        'GetQueryExecution',
        'GetQueryResults',
      ].map(ofAthena),
      resources: [workgroupArn(owner, workgroup)],
    },
    {
      actions: lookingAtCatalogs,
      resources: [arn('athena', owner, 'datacatalog/*')],
    },
  ]
}

const ofAthena = (action: string): string => `athena:${action}`

const lookingAtCatalogs = ['GetDataCatalog', 'ListDatabases', 'GetDatabase', 'ListTableMetadata'].map(ofAthena)

/** Without functions that may be asked for secrets, such as GetConnection. */
const ofGlue = [
  'glue:GetCatalog*',
  'glue:GetDatabase*',
  'glue:GetTable*',
  'glue:GetPartition*',
  'glue:BatchGetPartition',
]
const ofData = ['s3:GetObject', 's3:ListBucket', 's3:GetBucketLocation']
/** For data that is encrypted, and for results that are: at S3, and with a key of the account where Athena keeps them. */
const ofKeys = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey']

/** What Athena needs to write results, at this place and nowhere else. */
function writingResults(place: S3Place | null, owner: Owner): PolicyStatement[] {
  if (!place) return []
  return [
    {
      actions: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      resources: [objectsArn(place, owner.region)],
    },
  ]
}

const invoking = (functions: readonly string[]): PolicyStatement[] =>
  functions.length > 0 ? [{ actions: ['lambda:InvokeFunction'], resources: functions }] : []

export interface SessionNeeds {
  /** Where results are written; null where Athena keeps them itself, and as long as nobody knows. */
  readonly results: S3Place | null
  /** ARNs of the functions of AWS Lambda that a federated catalog is asked by. */
  readonly functions: readonly string[]
  /** Whether it is to be asked what the identity's policies allow. */
  readonly simulates: boolean
}

/** All that a role's session may do, however much the role may: 2,048 characters at most. */
export function sessionPolicy(
  config: AthenaConfig,
  { results, functions, simulates }: SessionNeeds,
): PolicyStatement[] {
  const owner = { region: config.region, account: '*' }
  return [
    ...asking(config, '*'),
    {
      actions: [
        ...ofGlue,
        'lakeformation:GetDataAccess',
        ...ofData,
        ...ofKeys,
        ...(simulates ? ['iam:SimulatePrincipalPolicy'] : []),
      ],
      resources: ['*'],
    },
    ...writingResults(results, owner),
    ...invoking(functions),
  ]
}

/** Of what has no ARN that they could be fenced to. */
const listingNames = ['athena:ListWorkGroups', 'athena:ListDataCatalogs']

/** All that a role's session may do that lists what there is: no query, no data. `functions`: as of `SessionNeeds`. */
export function browsingPolicy({ region }: AthenaConfig, functions: readonly string[]): PolicyStatement[] {
  const catalogs = arn('athena', { region, account: '*' }, 'datacatalog/*')
  return [
    { actions: listingNames, resources: ['*'] },
    {
      actions: ['GetDataCatalog', 'ListDatabases', 'ListTableMetadata', 'GetTableMetadata'].map(ofAthena),
      resources: [catalogs],
    },
    // The catalog of Glue itself may be encrypted.
    { actions: ['glue:GetCatalog*', 'glue:GetDatabase*', 'glue:GetTable*', 'kms:Decrypt'], resources: ['*'] },
    ...invoking(functions),
  ]
}

export interface ReaderNeeds extends Pick<SessionNeeds, 'results' | 'functions'> {
  readonly account: string
  /** Where tables lie, as far as the catalog has told. */
  readonly data: readonly S3Place[]
}

/** All that an identity needs which reads what the connector is for. */
export function readerPolicy(
  config: AthenaConfig,
  { account, results, functions, data }: ReaderNeeds,
): PolicyStatement[] {
  const { region, database } = config
  const owner = { region, account }
  const glue = (resource: string) => arn('glue', owner, resource)
  // Whoever asks about any database is asked for the right to `default` too.
  const databases = database === undefined ? ['*'] : [...new Set([literalInPolicy(database.toLowerCase()), 'default'])]
  const places = results ? [...data, results] : data
  const buckets = new Set(places.map(({ bucket }) => `arn:${partitionOf(region)}:s3:::${bucket}`))
  const isWhole = data.length === 0
  return [
    ...asking(config, account),
    // For lists to choose from: nothing of a query.
    { actions: [...listingNames, 'athena:GetTableMetadata'], resources: ['*'] },
    {
      actions: ofGlue,
      resources: [glue('catalog'), ...databases.flatMap(name => [glue(`database/${name}`), glue(`table/${name}/*`)])],
    },
    { actions: ['lakeformation:GetDataAccess'], resources: ['*'] },
    { actions: ['s3:GetObject'], resources: isWhole ? ['*'] : [...new Set(places.map(at => objectsArn(at, region)))] },
    { actions: ['s3:ListBucket', 's3:GetBucketLocation'], resources: isWhole ? ['*'] : [...buckets] },
    { actions: ofKeys, resources: [arn('kms', owner, 'key/*')] },
    ...writingResults(results, owner),
    ...invoking(functions),
  ]
}

/** A table that the account can query, for questions about it. */
export interface KnownTable {
  readonly database: string
  readonly name: string
}

const writingCatalog = [
  'glue:CreateDatabase',
  'glue:UpdateDatabase',
  'glue:DeleteDatabase',
  'glue:CreateTable',
  'glue:UpdateTable',
  'glue:DeleteTable',
  'glue:BatchCreatePartition',
  'glue:BatchDeletePartition',
]
const writingObjects = ['s3:PutObject', 's3:DeleteObject', 's3:PutObjectAcl']
const writingWorkgroups = ['athena:UpdateWorkGroup', 'athena:DeleteWorkGroup']
const writingElsewhere = [
  'athena:CreateWorkGroup',
  'athena:CreateDataCatalog',
  'athena:UpdateDataCatalog',
  'athena:DeleteDataCatalog',
  's3:CreateBucket',
  's3:DeleteBucket',
  's3:PutBucketPolicy',
  'lakeformation:GrantPermissions',
  'lakeformation:PutDataLakeSettings',
  'iam:CreateUser',
  'iam:CreateAccessKey',
  'iam:CreateRole',
  'iam:PutUserPolicy',
  'iam:PutRolePolicy',
  'iam:AttachUserPolicy',
  'iam:AttachRolePolicy',
  'iam:UpdateAssumeRolePolicy',
]

/** What an identity that can only read may not do: anywhere, and on what this connector reads. */
export function writingQuestions(
  { region, workgroup }: AthenaConfig,
  account: string,
  tables: readonly KnownTable[],
  data: readonly S3Place[],
): PolicyStatement[] {
  const owner = { region, account }
  const tableArns = tables.map(({ database, name }) => arn('glue', owner, `table/${database}/${name}`))
  return [
    { actions: [...writingCatalog, ...writingObjects, ...writingWorkgroups, ...writingElsewhere], resources: ['*'] },
    { actions: writingWorkgroups, resources: [workgroupArn(owner, workgroup)] },
    ...(tableArns.length > 0 ? [{ actions: writingCatalog, resources: tableArns }] : []),
    ...(data.length > 0
      ? [
          {
            actions: writingObjects,
            resources: data.map(({ bucket, prefix }) => `arn:${partitionOf(region)}:s3:::${bucket}/${prefix}patchbay`),
          },
        ]
      : []),
  ]
}
