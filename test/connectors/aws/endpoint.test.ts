import { describe, expect, it } from 'vitest'
import { awsEndpoint, foreignEndpoint, parseEndpointSetting } from '../../../src/connectors/aws/endpoint.ts'
import { partitionOf, regionIssue } from '../../../src/connectors/aws/region.ts'
import { endpointUrl, serverUrlIssue } from '../../../src/connectors/cloud/endpoint.ts'

describe('a region', () => {
  it.each([
    'eu-west-1',
    'us-east-2',
    'ap-southeast-4',
    'us-gov-west-1',
    'cn-northwest-1',
    'il-central-1',
    'mx-central-1',
  ])('%s is one', region => {
    expect(regionIssue(region)).toBeNull()
  })

  it.each([
    '',
    'eu',
    'EU-WEST-1',
    'eu-west-1 ',
    'eu-west-1\n',
    'x@evil.example:443/#',
    'localhost',
    'eu-west-1.evil.example',
    'eu-west-12',
    'us-iso-east-1',
    'us-isob-east-1',
    'e-west-1',
    '../eu-west-1',
    `eu-${'west-'.repeat(3)}${'a'.repeat(40)}-1`,
  ])('%j is none', region => {
    expect(regionIssue(region)).not.toBeNull()
  })

  it('belongs to a partition', () => {
    expect(['eu-west-1', 'cn-north-1', 'us-gov-east-1'].map(partitionOf)).toEqual(['aws', 'aws-cn', 'aws-us-gov'])
  })
})

describe('an endpoint of AWS', () => {
  it('is named by its service and region, in each partition', () => {
    const hostOf = (region: string) => awsEndpoint('redshift', region, {}).host
    expect(['eu-west-1', 'us-gov-west-1', 'cn-north-1'].map(hostOf)).toEqual([
      'redshift.eu-west-1.amazonaws.com',
      'redshift.us-gov-west-1.amazonaws.com',
      'redshift.cn-north-1.amazonaws.com.cn',
    ])
    expect(endpointUrl(awsEndpoint('sts', 'eu-west-1', {}))).toBe('https://sts.eu-west-1.amazonaws.com:443')
  })

  it('is where the operator has put it, for one region or for all', () => {
    const awsEndpoints = {
      redshift: 'https://vpce.example.com',
      'redshift.eu-west-1': 'http://[::1]:8080',
    }
    expect(awsEndpoint('redshift', 'eu-west-1', { awsEndpoints })).toEqual({
      service: 'redshift',
      region: 'eu-west-1',
      name: 'redshift.eu-west-1.amazonaws.com',
      host: '::1',
      port: 8080,
      encrypted: false,
      setByOperator: true,
    })
    expect(endpointUrl(awsEndpoint('redshift', 'eu-west-1', { awsEndpoints }))).toBe('http://[::1]:8080')
    expect(awsEndpoint('redshift', 'us-east-1', { awsEndpoints })).toMatchObject({
      host: 'vpce.example.com',
      port: 443,
    })
    expect(awsEndpoint('sts', 'us-east-1', { awsEndpoints })).toMatchObject({ setByOperator: false })
  })

  it.each(['redshift=https://a.example', 'sts.eu-west-1=http://10.0.0.1:8443', ' sts = https://a.example/ '])(
    'can be set by %j',
    entry => {
      expect(parseEndpointSetting(entry).url).toMatch(/^https?:/)
    },
  )

  it.each([
    '',
    'redshift',
    'redshift=',
    'redshift=a.example',
    'ec2=https://a.example',
    'redshift.nowhere=https://a.example',
    'redshift=ftp://a.example',
    'redshift=https://user:secret@a.example',
    'redshift=https://a.example/path',
    'redshift=https://a.example/?x',
    '__proto__=https://a.example',
  ])('cannot be set by %j', entry => {
    expect(() => parseEndpointSetting(entry)).toThrow(TypeError)
  })
})

describe('the endpoint of IAM', () => {
  it.each([
    ['eu-west-1', 'iam.amazonaws.com', 'us-east-1'],
    ['cn-northwest-1', 'iam.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['us-gov-east-1', 'iam.us-gov.amazonaws.com', 'us-gov-west-1'],
  ])('is one for all regions like %s, and signed for one of them', (region, name, signedFor) => {
    expect(awsEndpoint('iam', region, {})).toMatchObject({ name, host: name, region: signedFor })
  })

  it('is where the operator has put it, and signed alike', () => {
    expect(awsEndpoint('iam', 'eu-west-1', { awsEndpoints: { iam: 'https://iam.example' } })).toMatchObject({
      name: 'iam.amazonaws.com',
      host: 'iam.example',
      region: 'us-east-1',
    })
  })
})

describe('a server that is none of AWS', () => {
  it('is named by its host and port, and signed for the region of the form', () => {
    expect(foreignEndpoint('s3', 'eu-west-1', 'http://[::1]:9000')).toEqual({
      service: 's3',
      region: 'eu-west-1',
      name: '[::1]:9000',
      host: '::1',
      port: 9000,
      encrypted: false,
      setByOperator: false,
    })
    expect(endpointUrl(foreignEndpoint('s3', 'eu-west-1', 'https://minio.example'))).toBe('https://minio.example:443')
  })

  it.each(['https://minio.example', 'http://minio.example:9000/', 'https://192.0.2.1:9000', 'https://[2001:db8::1]'])(
    'may be %s',
    url => {
      expect(serverUrlIssue(url)).toBeNull()
    },
  )

  it.each([
    '',
    'minio.example:9000',
    'ftp://minio.example',
    'file:///etc/passwd',
    'https://user:password@minio.example',
    'https://minio.example/path',
    'https://minio.example?x=1',
    'https://minio.example#x',
    'https://minio.example:99999',
    'https://mi nio.example',
    'https://',
  ])('may not be %j', url => {
    expect(serverUrlIssue(url)).toMatch(/^Give only scheme, host and port/)
  })
})
