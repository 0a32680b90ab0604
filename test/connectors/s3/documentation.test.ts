import { expect, it } from 'vitest'
import { policyDocument } from '../../../src/connectors/aws/policy.ts'
import { s3 } from '../../../src/connectors/s3/index.ts'
import { readingStatements } from '../../../src/connectors/s3/rights.ts'
import { documentedPolicy } from '../aws/documented-policy.ts'

it('the policy on the page of S3 is the one of the remedy', () => {
  const config = s3.form.schema.parse({
    bucket: 'sales-exports',
    region: 'eu-west-1',
    prefix: '2026/',
    credentials: { assumeRole: { roleArn: 'arn:aws:iam::111122223333:role/patchbay' } },
  }) as Parameters<typeof readingStatements>[0]
  expect(documentedPolicy('s3')).toEqual(JSON.parse(policyDocument(readingStatements(config))))
})
