import type { TextIssue } from '../text-checks.ts'

/** `org-account`, `xy12345`, `xy12345.eu-west-1`, `xy12345.west-europe.azure`, and each with `.privatelink`. */
const account =
  /^(?=[^.]{1,63}(?:\.|$))[a-z0-9](?:[a-z0-9_]*[a-z0-9])?(?:-[a-z0-9](?:[a-z0-9_]*[a-z0-9])?)*(?:\.[a-z0-9]{1,62}(?:-[a-z0-9]{1,62})*){0,4}$/i

const usual = 'Give the account identifier, such as "myorg-account123".'
/** Nothing else in an identifier tells that its host is in China: without it the other Snowflake would be asked. */
const inChina = 'Give an account in China by its locator and region, such as "xy12345.cn-northwest-1.aws".'

/**
 * What is wrong with an account identifier as typed, and what was probably meant; null when nothing is. It becomes part
 * of a host name, which gets secrets: people paste that name, the address of the web interface, or the account with its
 * dot. Nothing is offered where another account could be meant.
 */
export function accountIssue(text: string): TextIssue | null {
  const { name, isChinese } = accountIn(text)
  if (isChinese && !isInChina(name)) return { message: inChina }
  const isUsable = account.test(name) && hasPlace(name)
  if (name === text && isUsable) return null
  return isUsable ? { message: usual, suggestion: name } : { message: usual }
}

interface Meant {
  /** Empty where that cannot be told. */
  readonly name: string
  /** Whether its host was given, and is in China. */
  readonly isChinese: boolean
}

function accountIn(text: string): Meant {
  const scheme = /^(?:[a-z]+:)+\/\//i
  const bare = text.trim()
  const [place = '', ...path] = bare.replace(scheme, '').split(/[/?#]/)
  const host = place.replace(/:\d+$/, '').replace(/\.$/, '')
  const [, domain = '', top = ''] = /(?:^|\.)(snowflakecomputing|snowflake)\.(com|cn)$/i.exec(host) ?? []
  const isChinese = top.toLowerCase() === 'cn'
  // The web interface: app.snowflake.com/org/account or app.snowflake.com/region/locator.
  if (/^app\.snowflake\.(?:com|cn)$/i.test(host)) return { name: fromWebInterface(path), isChinese }
  if (domain.toLowerCase() === 'snowflakecomputing') {
    const name = host.slice(0, -`.${domain}.${top}`.length)
    return { name: fromHost(name), isChinese }
  }
  // Of another address nobody knows which part is the account.
  const isElsewhere = path.some(part => part !== '') || (scheme.test(bare) && host.includes('.'))
  return { name: isElsewhere ? '' : fromHost(host), isChinese: false }
}

function fromWebInterface([first = '', second = '']: readonly string[]): string {
  if (first === '' || second === '') return ''
  const isRegion = /^[a-z]+(?:-[a-z]+)+-\d$|\./.test(first)
  return isRegion ? withoutFirstRegion(`${second}.${first}`) : `${first}-${second}`
}

/** `name`: of a host, without the domain of all accounts. */
function fromHost(name: string): string {
  const [, inner = '', link = ''] = /^(.*?)((?:\.privatelink)?)$/is.exec(name) ?? []
  // The web interface over a private link: app-org-account and, for locators, app.region, which does not name any.
  const ofInterface = link === '' ? null : /^app(?:-(.+-.+)|\..+)$/i.exec(inner)
  const given = ofInterface ? (ofInterface[1] ?? '') : inner
  return given === '' ? '' : withoutFirstRegion(withoutDottedOrganization(given)) + link
}

/** Snowflake's first region is in no host name. */
const withoutFirstRegion = (name: string): string => name.replace(/^([^.]+)\.us-west-2$/i, '$1')

/** In SQL and on many pages it is ORG.ACCOUNT; in host names a hyphen stands between. A region has a digit or a cloud. */
function withoutDottedOrganization(name: string): string {
  const [organization = '', rest = '', ...more] = name.split('.')
  const isLocator = /^[a-z]{2,3}\d{4,}$/i.test(organization)
  if (rest === '' || more.length > 0 || isPlace(rest) || isLocator) return name
  return `${organization}-${rest}`
}

const isPlace = (part: string): boolean => /-|^(?:aws|azure|gcp|global|privatelink)$/i.test(part)

/** What follows a dot says where the account is. */
function hasPlace(name: string): boolean {
  const [, ...rest] = name.split('.')
  const last = rest.at(-1)
  return last === undefined || isPlace(last)
}

const isInChina = (name: string): boolean =>
  name
    .toLowerCase()
    .split('.')
    .slice(1)
    .some(part => part.startsWith('cn-'))

/** The host name of an account; underscores of its name are hyphens there. */
export function accountHost(identifier: string): string {
  const [name = '', ...rest] = identifier.toLowerCase().split('.')
  const domain = isInChina(identifier) ? 'snowflakecomputing.cn' : 'snowflakecomputing.com'
  return [name.replaceAll('_', '-'), ...rest, domain].join('.')
}
