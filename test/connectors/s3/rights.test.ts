import { describe, expect, it } from 'vitest'
import { policyDocument } from '../../../src/connectors/aws/policy.ts'
import { form, type S3Config } from '../../../src/connectors/s3/form.ts'
import { readingStatements, testStatements, writingStatements } from '../../../src/connectors/s3/rights.ts'
import { byRole, inputOf, roleArn } from './s3-run.ts'

const config = (change: Readonly<Record<string, unknown>>): S3Config => form.schema.parse(inputOf(change))
const resourcesOf = (prefix: string) => readingStatements(config({ prefix }))[1]?.resources
/** As policies spell what would else have a meaning. */
const literal = (character: string) => `$\{${character}}`
const variable = '$'.concat('{aws:username}')

describe('what reading a bucket takes', () => {
  it.each([
    ['exports/2026/', 'arn:aws:s3:::sales/exports/2026/*'],
    ['50% off + more/', 'arn:aws:s3:::sales/50% off + more/*'],
    ['*/', `arn:aws:s3:::sales/${literal('*')}/*`],
    ['who?', `arn:aws:s3:::sales/who${literal('?')}*`],
    // Else IAM would put in who asks.
    [variable, `arn:aws:s3:::sales/${literal('$')}{aws:username}*`],
  ])('the prefix %j is fenced as it is, whatever its characters mean to IAM', (prefix, resource) => {
    expect(resourcesOf(prefix)).toEqual([resource])
  })

  it.each(['p'.repeat(900), '*'.repeat(900), 'é'.repeat(450), '😀'.repeat(200)])(
    'a long prefix is fenced by as much of it as a session has room for (case %#)',
    prefix => {
      const document = policyDocument(testStatements(config({ ...byRole, prefix })))
      // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
      expect(document.length).toBeLessThan(2_048)
      expect(document).toMatch(/^[\t\n\r\x20-\xff]+$/)
      const { Statement } = JSON.parse(document) as { readonly Statement: readonly { readonly Resource: string }[] }
      const fenced = (Statement[1]?.Resource ?? '').slice('arn:aws:s3:::sales/'.length, -1)
      expect(fenced.length).toBeGreaterThan(60)
      expect(prefix.startsWith(fenced.replaceAll(/\$\{(.)\}/g, '$1'))).toBe(true)
    },
  )

  it.each([
    ['cn-north-1', 'arn:aws-cn:s3:::sales', 's3.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'arn:aws-us-gov:s3:::sales', 's3.us-gov-west-1.amazonaws.com'],
    ['eu-west-1', 'arn:aws:s3:::sales', 's3.eu-west-1.amazonaws.com'],
  ])('in %s the bucket is %s', (region, bucket, service) => {
    const [list, , decrypt] = readingStatements(config({ region }))
    expect(list?.resources).toEqual([bucket])
    expect(decrypt?.onlyWhere).toEqual({ 'kms:ViaService': service })
  })

  it('is a role allowed for a test with the question what it may do, about nobody else', () => {
    expect(testStatements(config(byRole)).at(-1)).toEqual({
      actions: ['iam:SimulatePrincipalPolicy'],
      resources: [roleArn],
    })
  })

  it('has nothing in common with what whoever only reads may not do', () => {
    const reading = readingStatements(config({})).flatMap(({ actions }) => actions)
    const writing = writingStatements(config({})).flatMap(({ actions }) => actions)
    expect(writing.filter(action => reading.includes(action))).toEqual([])
    expect(writing).toEqual(expect.arrayContaining(['s3:PutObject', 's3:DeleteObject', 's3:PutBucketPolicy']))
    expect(reading.filter(action => /Put|Delete|Create|Restore|\*/.test(action))).toEqual([])
  })

  it('is asked about with the prefix as it is: questions are not policies', () => {
    expect(writingStatements(config({ prefix: `${variable}*?` }))[0]?.resources).toEqual([
      `arn:aws:s3:::sales/${variable}*?*`,
    ])
  })
})
