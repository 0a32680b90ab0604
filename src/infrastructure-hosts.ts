/**
 * The hosts of what Patchbay itself runs on, which no connector may reach: its database's, when that is a server, the
 * API of the Kubernetes cluster that it runs in, and those of other services. Of a database URL that is none there is
 * nothing. `defaultDatabaseHost`: the host of a URL that names none (`PGHOST`). `serviceUrls`: Vault's. An
 * identity provider is none of them: connectors may get tokens of the same one.
 */
export function infrastructureHosts(
  databaseUrl: string | null,
  kubernetesHost: string | null,
  defaultDatabaseHost: string | null = null,
  serviceUrls: readonly string[] = [],
): readonly string[] {
  const databaseHost = databaseUrl === null ? null : databaseHostOf(databaseUrl, defaultDatabaseHost ?? '')
  const serviceHosts = serviceUrls.map(url => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'))
  return [databaseHost, kubernetesHost, ...serviceHosts].filter(host => host !== null).filter(host => host !== '')
}

/** The host that the storage client connects to; null for files and for socket files. */
function databaseHostOf(url: string, defaultHost: string): string | null {
  if (!/^postgres(ql)?:/.test(url) || !URL.canParse(url)) return null
  const { hostname, searchParams } = new URL(url)
  const host = searchParams.get('host') || decodeURIComponent(hostname) || defaultHost
  return host.startsWith('/') ? null : host.replace(/^\[(.*)\]$/, '$1')
}
