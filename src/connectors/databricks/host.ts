import { type CloudEndpoint, cloudEndpoint } from '../cloud/endpoint.ts'
import type { NetworkSettings } from '../define.ts'
import { hostIssue } from '../network/host-name.ts'
import type { TextIssue } from '../text-checks.ts'

/** The domains of Databricks' own workspaces, on every cloud. */
const ownDomains = [
  'cloud.databricks.com',
  'gcp.databricks.com',
  'azuredatabricks.net',
  'databricks.azure.cn',
  'databricks.azure.us',
  'cloud.databricks.us',
  'cloud.databricks.mil',
]

const usual = 'Give the server hostname alone, such as "adb-1234567890123456.7.azuredatabricks.net".'

/** What is wrong with the host of a workspace as typed, and what was probably meant; null when nothing is. */
export function workspaceHostIssue(text: string): TextIssue | null {
  if (hostIssue(text) === null && !text.includes(':')) return null
  const meant = text
    .trim()
    .replace(/^jdbc:(?:databricks|spark):/i, '')
    .replace(/^(?:[a-z]+:)?\/\//i, '')
    .replace(/[/?#;].*$/s, '')
    .replace(/:\d+$/, '')
  return hostIssue(meant) === null && !meant.includes(':') ? { message: usual, suggestion: meant } : { message: usual }
}

/** As certificates and the operator's settings write it. */
const plainName = (host: string): string => host.toLowerCase().replace(/\.$/, '')

/** Where a workspace is reached; plans and messages call it as the form does. */
export const workspaceEndpoint = (host: string, network: NetworkSettings): CloudEndpoint => ({
  ...cloudEndpoint(plainName(host), network),
  name: host,
})

/** Whether credentials may be sent there: to Databricks itself, or to what the operator lets stand in its place. */
export function isWorkspaceHost(host: string, network: NetworkSettings): boolean {
  const isOwn = ownDomains.some(domain => plainName(host).endsWith(`.${domain}`))
  return isOwn || network.customEndpoints === true || workspaceEndpoint(host, network).setByOperator
}

/** Whose cloud a workspace is in, by its host; null where that does not tell. */
export function cloudOf(host: string): string | null {
  const name = plainName(host)
  if (/\.gcp\.databricks\.com$/.test(name)) return 'Google Cloud'
  if (/azuredatabricks\.net$|\.databricks\.azure\.(?:cn|us)$/.test(name)) return 'Azure'
  return /\.cloud\.databricks\.(?:com|us|mil)$/.test(name) ? 'AWS' : null
}
