import { describe, expect, it } from 'vitest'
import type { S3DoubleOptions } from '../../servers/s3-double.ts'
import { expectFailure, expectProblem, region, S3World, stepOf } from './s3-run.ts'

const denied = { error: 'AccessDenied', status: 403, message: 'Access Denied' }
const head = (status: number, headers: Readonly<Record<string, string>>) => ({
  status,
  headers: { 'x-amz-request-id': 'R1', ...headers },
  body: '',
})

async function test(at: NonNullable<S3DoubleOptions['at']>, change = {}) {
  await using world = await S3World.start({ at })
  world.s3.objects.put('exports/a.csv', 'n\n1\n')
  return await world.test(change)
}

describe('a bucket that may not be listed', () => {
  it('is there all the same where its head says which region it is in', async () => {
    const reports = await test({ ListObjectsV2: denied, HeadBucket: head(403, { 'x-amz-bucket-region': region }) })
    expect(stepOf(reports, 'OPEN')).toMatchObject({ status: 'WARNING' })
    expect(expectProblem(reports, 'OPEN', 'CLOUD_ACCESS_DENIED').message).toContain('s3:ListBucket')
    expect(JSON.stringify(stepOf(reports, 'OPEN').evidence)).toMatch(/Exists.*yes.*|yes.*Exists/)
    expectFailure(reports, 'READ', 'CLOUD_ACCESS_DENIED')
  })

  it('may be there or not where its head says nothing', async () => {
    const reports = await test({ ListObjectsV2: denied, HeadBucket: head(403, {}) })
    expect(stepOf(reports, 'OPEN').evidence).toContainEqual(
      expect.objectContaining({ label: 'Exists', value: expect.stringContaining('not told') }),
    )
  })

  it('is in another region where its head says so', async () => {
    const at = { ListObjectsV2: denied, HeadBucket: head(403, { 'x-amz-bucket-region': 'eu-central-1' }) }
    const { fields, remedies } = expectFailure(await test(at), 'OPEN', 'CLOUD_REGION_MISMATCH')
    expect(fields).toEqual(['region'])
    expect(remedies).toEqual([expect.objectContaining({ field: 'region', value: 'eu-central-1' })])
  })

  it.each(['localhost', 'x@evil.example', 'eu-central-1.evil.example'])(
    'is in no region called %s, whatever is said',
    async name => {
      const at = { ListObjectsV2: denied, HeadBucket: head(403, { 'x-amz-bucket-region': name }) }
      expect(expectFailure(await test(at), 'OPEN', 'CLOUD_REGION_MISMATCH').remedies).toEqual([])
    },
  )

  it('is asked for its head too where only that tells the region', async () => {
    const reports = await test({
      ListObjectsV2: { error: 'PermanentRedirect', status: 301, message: 'Use the specified endpoint.' },
      HeadBucket: head(301, { 'x-amz-bucket-region': 'us-west-2' }),
    })
    const { remedies } = expectFailure(reports, 'OPEN', 'CLOUD_REGION_MISMATCH')
    expect(remedies).toEqual([expect.objectContaining({ field: 'region', value: 'us-west-2' })])
  })

  it('is denied for the reason that was given, where its head does not come', async () => {
    const reports = await test({ ListObjectsV2: denied, HeadBucket: 'CUT_AT_ONCE' })
    expect(expectProblem(reports, 'OPEN', 'CLOUD_ACCESS_DENIED').detail).toContain('Access Denied')
  })

  it('has no object whose name the prefix is, where none of those exists', async () => {
    const reports = await test({ ListObjectsV2: denied }, { prefix: 'exports/b.csv' })
    expectFailure(reports, 'READ', 'CLOUD_ACCESS_DENIED')
    expect(JSON.stringify(stepOf(reports, 'READ').evidence)).toMatch(/exports\/b\.csv.*no object that matches/)
  })
})
