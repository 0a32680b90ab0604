import { describe, expect, it } from 'vitest'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { form } from '../../../src/connectors/http-api/form.ts'

function issuesOf(change: object): readonly string[] {
  const validated = validateForm(form, { baseUrl: 'https://api.example.com/v1', auth: { none: true }, ...change })
  return validated.ok ? [] : validated.issues.map(({ path }) => path)
}

describe('the form', () => {
  it.each([
    'https://api.example.com/v\n1',
    'https://api.example.com/v1 ',
    'https://api.example.com/\u202e',
    'https://api.example.com:0/v1',
    'https://api.example.com\n.evil.example',
    'https:/\\api.example.com',
    'https://ann@api.example.com',
    'https://api.example.com/a/..',
    'https://api.example.com/?a=1',
    'https://0x7f.1',
    'ftp://api.example.com',
  ])('takes no base URL %j', baseUrl => {
    expect(issuesOf({ baseUrl })).toEqual(['baseUrl'])
  })

  it.each([
    'https://api.example.com',
    'HTTPS://API.example.com:8443/v1/',
    'https://bücher.example/ä',
    'http://[::1]:80',
  ])('takes the base URL %s', baseUrl => {
    expect(issuesOf({ baseUrl })).toEqual([])
  })

  it('takes no two headers of which only one could be sent', () => {
    const headers = [
      { name: 'X-Tenant', value: 'a' },
      { name: 'x-tenant', value: 'b', secret: true },
    ]
    expect(issuesOf({ headers })).toEqual(['headers.1.name'])
    expect(issuesOf({ headers: headers.slice(1) })).toEqual([])
  })
})
