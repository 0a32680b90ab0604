import { generateKeyPairSync, type KeyObject, randomBytes, randomInt } from 'node:crypto'

export interface ServiceAccountKey {
  readonly id: string
  readonly publicKey: KeyObject
  /** The file that Google lets one download: the secret of the form. */
  readonly json: string
  /** PEM, PKCS #8: what is secret in it. */
  readonly privateKey: string
}

export interface ServiceAccount {
  readonly email: string
  readonly projectId: string
  /** Its number, which is also its client id. */
  readonly uniqueId: string
  readonly key: ServiceAccountKey
}

export interface KeyFile {
  readonly type: string
  readonly project_id: string
  readonly private_key_id: string
  readonly private_key: string
  readonly client_email: string
  readonly client_id: string
  readonly auth_uri: string
  readonly token_uri: string
  readonly auth_provider_x509_cert_url: string
  readonly client_x509_cert_url: string
  readonly universe_domain: string
}

const certificates = 'https://www.googleapis.com'

/** A service account with one key, as `gcloud iam service-accounts keys create` makes it. */
export function createServiceAccount(name: string, projectId: string): ServiceAccount {
  const { publicKey, privateKey: pair } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const email = `${name}@${projectId}.iam.gserviceaccount.com`
  const uniqueId = `1${Array.from({ length: 20 }, () => randomInt(10)).join('')}`
  const privateKey = pair.export({ type: 'pkcs8', format: 'pem' }).toString()
  const id = randomBytes(20).toString('hex')
  const file: KeyFile = {
    type: 'service_account',
    project_id: projectId,
    private_key_id: id,
    private_key: privateKey,
    client_email: email,
    client_id: uniqueId,
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: 'https://oauth2.googleapis.com/token',
    auth_provider_x509_cert_url: `${certificates}/oauth2/v1/certs`,
    client_x509_cert_url: `${certificates}/robot/v1/metadata/x509/${encodeURIComponent(email)}`,
    universe_domain: 'googleapis.com',
  }
  return { email, projectId, uniqueId, key: { id, publicKey, privateKey, json: JSON.stringify(file, null, 2) } }
}

/** The key file with something else in it. */
export const changedKey = ({ key }: ServiceAccount, change: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ ...(JSON.parse(key.json) as KeyFile), ...change })
