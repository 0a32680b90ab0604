import { literalInPolicy, type PolicyStatement } from '../aws/policy.ts'
import { partitionOf } from '../aws/region.ts'
import type { S3Config } from './form.ts'

/** A role's session has room for 2,048 characters of policy: a longer prefix is fenced by its beginning. */
const maxPrefixLength = 400

/** All that reading what the form names takes. */
export function readingStatements(config: S3Config): readonly PolicyStatement[] {
  const { region } = config
  const bucket = bucketArn(config)
  const partition = partitionOf(region)
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  return [
    { actions: ['s3:ListBucket'], resources: [bucket] },
    { actions: ['s3:GetObject'], resources: [`${bucket}/${prefixInPolicy(config.prefix ?? '')}*`] },
    // Objects may be encrypted with a key of KMS, by S3 and never by whoever asks.
    {
      actions: ['kms:Decrypt'],
      resources: [`arn:${partition}:kms:${region}:*:key/*`],
      onlyWhere: { 'kms:ViaService': `s3.${region}.${domain}` },
    },
  ]
}

/** The same for listing what there is: nothing is read. */
export const listingStatements = (config: S3Config): readonly PolicyStatement[] => [
  { actions: ['s3:ListBucket'], resources: [bucketArn(config)] },
]

/** The same for listing buckets, of which none is known yet. */
export const bucketsStatements: readonly PolicyStatement[] = [{ actions: ['s3:ListAllMyBuckets'], resources: ['*'] }]

/** What a role's session may do in a test: the same, and ask what the role may. */
export function testStatements(config: S3Config): readonly PolicyStatement[] {
  const { assumeRole } = config.credentials
  if (!assumeRole) return readingStatements(config)
  return [...readingStatements(config), { actions: ['iam:SimulatePrincipalPolicy'], resources: [assumeRole.roleArn] }]
}

/** What whoever only reads has no use for. For questions to IAM, in which nothing is escaped. */
export function writingStatements(config: S3Config): readonly PolicyStatement[] {
  const bucket = bucketArn(config)
  return [
    { actions: writesToObjects, resources: [`${bucket}/${config.prefix ?? ''}*`] },
    { actions: writesToBucket, resources: [bucket] },
  ]
}

const writesToObjects = [
  's3:PutObject',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:PutObjectAcl',
  's3:PutObjectTagging',
  's3:PutObjectRetention',
  's3:BypassGovernanceRetention',
  's3:RestoreObject',
  's3:ReplicateObject',
  's3:ReplicateDelete',
]

const writesToBucket = [
  's3:DeleteBucket',
  's3:PutBucketPolicy',
  's3:DeleteBucketPolicy',
  's3:PutBucketAcl',
  's3:PutBucketVersioning',
  's3:PutBucketNotification',
  's3:PutBucketPublicAccessBlock',
  's3:PutBucketOwnershipControls',
  's3:PutEncryptionConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutReplicationConfiguration',
]

const bucketArn = ({ bucket, region }: S3Config): string => `arn:${partitionOf(region)}:s3:::${bucket}`

/** Cut between characters; what is cut off is covered by the wildcard that follows. */
function prefixInPolicy(prefix: string): string {
  let text = ''
  let length = 0
  for (const character of prefix) {
    const literal = literalInPolicy(character)
    // As the document spells it, in ASCII.
    length += /[^\x20-\x7e]/.test(literal) ? 6 * literal.length : literal.length
    if (length > maxPrefixLength) break
    text += literal
  }
  return text
}
