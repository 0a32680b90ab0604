import { describe, expect, it } from 'vitest'
import { parseResolverFile, searchNames } from '../../../src/connectors/network/search-names.ts'

const kubernetes = `search data.svc.cluster.local svc.cluster.local cluster.local
nameserver 10.96.0.10
options ndots:5 timeout:1
`

describe('searchNames', () => {
  const pod = parseResolverFile(kubernetes, 'pod')

  it('looks short names up in the search domains first, where the file says so', () => {
    expect(pod).toEqual({
      searchDomains: ['data.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      dotsBeforeSearch: 5,
    })
    expect(searchNames('postgres.Data', pod)).toEqual([
      'postgres.data.data.svc.cluster.local',
      'postgres.data.svc.cluster.local',
      'postgres.data.cluster.local',
      'postgres.data',
    ])
  })

  it('begins with the name as it stands when it has dots enough', () => {
    expect(searchNames('db.shop', { searchDomains: ['corp.example'], dotsBeforeSearch: 1 })).toEqual([
      'db.shop',
      'db.shop.corp.example',
    ])
    expect(searchNames('db', { searchDomains: ['corp.example'], dotsBeforeSearch: 1 })).toEqual([
      'db.corp.example',
      'db',
    ])
  })

  it('searches nowhere for a name with a dot at its end', () => {
    expect(searchNames('postgres.data.', pod)).toEqual(['postgres.data'])
  })

  it('leaves out names that are too long for DNS', () => {
    const host = `${'a'.repeat(60)}.`.repeat(4).slice(0, -1)
    expect(searchNames(host, pod)).toEqual([host])
  })
})

describe('parseResolverFile', () => {
  const domains = (text: string, machine = 'machine') => parseResolverFile(text, machine).searchDomains

  it('lets the last search or domain line count', () => {
    expect(domains('search a.test b.test\ndomain c.test\n')).toEqual(['c.test'])
    expect(domains('domain c.test\nsearch\ta.test  B.test.\n')).toEqual(['a.test', 'b.test'])
  })

  it('searches the domain of the machine when the file names none', () => {
    expect(domains('nameserver 10.0.0.1', 'node7.corp.example')).toEqual(['corp.example'])
    expect(domains('', 'machine')).toEqual([])
  })

  it('passes over comments, the root and what is no domain', () => {
    expect(domains('# search a.test\n;search b.test\n')).toEqual([])
    expect(domains('search . a.test -x ../etc 10.0.0.1\r\n')).toEqual(['a.test'])
  })

  it("keeps to glibc's limits", () => {
    const many = Array.from({ length: 9 }, (_, index) => `d${index}.test`)
    expect(domains(`search ${many.join(' ')}`)).toEqual(many.slice(0, 6))
    const long = Array.from({ length: 6 }, (_, index) => `${String(index).repeat(60)}.test`)
    expect(domains(`search ${long.join(' ')}`)).toEqual(long.slice(0, 3))
  })

  it('reads how many dots make a name whole', () => {
    const dots = (text: string) => parseResolverFile(text, 'machine').dotsBeforeSearch
    expect(dots('')).toBe(1)
    expect(dots('options rotate ndots:3')).toBe(3)
    expect(dots('options ndots:3\noptions edns0 ndots:2')).toBe(2)
    expect(dots('options ndots:99')).toBe(15)
    expect(dots('options ndots:x')).toBe(1)
  })
})
