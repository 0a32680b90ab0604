import { describe, expect, it } from 'vitest'
import { cloudEndpoint, endpointUrl, parseCloudEndpoint } from '../../../src/connectors/cloud/endpoint.ts'

describe('where a service of a cloud is reached', () => {
  it("is the provider's own name, unless the operator has moved it", () => {
    expect(cloudEndpoint('bigquery.googleapis.com', {})).toEqual({
      name: 'bigquery.googleapis.com',
      host: 'bigquery.googleapis.com',
      port: 443,
      encrypted: true,
      setByOperator: false,
    })
    const cloudEndpoints = { 'bigquery.googleapis.com': 'http://10.0.0.5:9050' }
    const moved = cloudEndpoint('bigquery.googleapis.com', { cloudEndpoints })
    expect(moved).toEqual({
      name: 'bigquery.googleapis.com',
      host: '10.0.0.5',
      port: 9050,
      encrypted: false,
      setByOperator: true,
    })
    expect(endpointUrl(moved)).toBe('http://10.0.0.5:9050')
    expect(cloudEndpoint('oauth2.googleapis.com', { cloudEndpoints }).setByOperator).toBe(false)
  })

  it('is found by its name first, then by the nearest domain, never by one that it only ends in', () => {
    const cloudEndpoints = {
      '*.snowflakecomputing.com': 'https://all.example',
      '*.eu-west-1.snowflakecomputing.com': 'https://eu.example',
      'a.eu-west-1.snowflakecomputing.com': 'https://a.example',
    }
    const hostOf = (name: string) => cloudEndpoint(name, { cloudEndpoints }).host
    expect(hostOf('a.eu-west-1.snowflakecomputing.com')).toBe('a.example')
    expect(hostOf('b.eu-west-1.snowflakecomputing.com')).toBe('eu.example')
    expect(hostOf('b.c.eu-west-1.snowflakecomputing.com')).toBe('eu.example')
    expect(hostOf('b.snowflakecomputing.com')).toBe('all.example')
    expect(hostOf('evilsnowflakecomputing.com')).toBe('evilsnowflakecomputing.com')
    expect(hostOf('snowflakecomputing.com')).toBe('snowflakecomputing.com')
  })

  it.each(['constructor', '__proto__.x', 'toString'])('is no property that every object has: %s', name => {
    expect(cloudEndpoint(name, { cloudEndpoints: {} })).toMatchObject({ host: name, setByOperator: false })
  })

  it.each([
    ['bigquery.googleapis.com=https://10.0.0.5', 'bigquery.googleapis.com', 'https://10.0.0.5'],
    [' *.SnowflakeComputing.com = https://[fd00::1]:8443 ', '*.snowflakecomputing.com', 'https://[fd00::1]:8443'],
  ])('is set by %s', (entry, key, url) => {
    expect(parseCloudEndpoint(entry)).toEqual({ key, url })
  })

  it.each([
    'bigquery.googleapis.com',
    '=https://10.0.0.5',
    '*=https://10.0.0.5',
    '*.*.com=https://10.0.0.5',
    'a b=https://10.0.0.5',
    'bigquery.googleapis.com=ftp://10.0.0.5',
    'bigquery.googleapis.com=https://10.0.0.5/path',
    'bigquery.googleapis.com=https://u:p@10.0.0.5',
    'bigquery.googleapis.com=https://010.0.0.5',
  ])('is not set by %s', entry => {
    expect(() => parseCloudEndpoint(entry)).toThrow(TypeError)
  })
})
