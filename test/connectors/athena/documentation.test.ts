import { expect, it } from 'vitest'
import { athena } from '../../../src/connectors/athena/index.ts'
import { type ReaderNeeds, readerPolicy } from '../../../src/connectors/athena/policy.ts'
import { policyDocument } from '../../../src/connectors/aws/policy.ts'
import { documentedPolicy } from '../aws/documented-policy.ts'

it('the policy on the page of Athena is the one of the remedy, but for keys of KMS', () => {
  const config = athena.form.schema.parse({
    region: 'eu-west-1',
    workgroup: 'analysts',
    outputLocation: 's3://athena-results/patchbay/',
    database: 'sales',
    credentials: { assumeRole: { roleArn: 'arn:aws:iam::111122223333:role/patchbay' } },
  }) as Parameters<typeof readerPolicy>[0]
  const needs: ReaderNeeds = {
    account: '111122223333',
    results: { bucket: 'athena-results', prefix: 'patchbay/' },
    functions: [],
    data: [{ bucket: 'sales-lake', prefix: '' }],
  }
  const statements = readerPolicy(config, needs).filter(({ actions }) => !actions.every(action => /^kms:/.test(action)))
  expect(documentedPolicy('athena')).toEqual(JSON.parse(policyDocument(statements)))
})
