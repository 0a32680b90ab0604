import type { X509Certificate } from 'node:crypto'
import { endpointName } from '../blocks/ssh-tunnel.ts'
import type { SignInAccount } from '../define.ts'
import { canonicalHost } from '../network/host-name.ts'
import { readCertificates } from '../network/pem.ts'
import type { MongodbConfig } from './form.ts'

/** The sign-in in use: its form path, its user and the form path of its secret; user and path are empty without one. */
export function credentialsOf({ auth, tls }: Pick<MongodbConfig, 'auth' | 'tls'>): {
  readonly kind: 'SCRAM' | 'X509' | 'NONE'
  readonly username: string
  readonly userField: string
  readonly secretField: string | null
} {
  if (auth.scram) {
    const { username } = auth.scram
    return { kind: 'SCRAM', username, userField: 'auth.scram.username', secretField: 'auth.scram.password' }
  }
  if (auth.x509) {
    const username = certificateUser(tls.clientCertificate)
    return { kind: 'X509', username, userField: 'tls.clientCertificate', secretField: null }
  }
  return { kind: 'NONE', username: 'nobody', userField: 'auth', secretField: null }
}

/** The subject of the client certificate as MongoDB writes it: RFC 2253, the most particular part first. */
function certificateUser(pem: string | undefined): string {
  const certificates = pem === undefined ? [] : readCertificates(pem)
  const [first] = typeof certificates === 'string' ? [] : certificates
  return first === undefined ? 'the client certificate' : subjectName(first)
}

/** Node has one part to a line, in the order of the certificate. */
const subjectName = ({ subject }: X509Certificate): string => (subject ?? '').split('\n').reverse().join(',')

/** What may be signed in to. Each server counts by itself: naming one more beside it must not make it another one. */
const serviceNames = ({ hosts, srvHost }: Pick<MongodbConfig, 'hosts' | 'srvHost'>): readonly string[] =>
  srvHost === undefined ? [...new Set(hosts.map(endpointName))] : [canonicalHost(srvHost)]

/** The accounts that a run may sign in to. The same name is another account in another authentication database. */
export function signInAccounts(config: MongodbConfig): readonly SignInAccount[] {
  const { kind, username } = credentialsOf(config)
  if (kind === 'NONE') return []
  const source = kind === 'X509' ? '$external' : config.authSource
  return serviceNames(config).map(service => ({ step: 'SIGN_IN', service: `${service}/${source}`, username }))
}
