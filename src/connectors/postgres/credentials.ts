import type { PostgresConfig } from './form.ts'

/** The sign-in in use: its form path, its user and the form path of its main secret. */
export function credentialsOf({ auth }: Pick<PostgresConfig, 'auth'>): {
  readonly path: string
  readonly username: string
  readonly secretField: string | null
} {
  if (auth.password) {
    return { path: 'auth.password', username: auth.password.username, secretField: 'auth.password.password' }
  }
  if (auth.awsIam) {
    return { path: 'auth.awsIam', username: auth.awsIam.username, secretField: 'auth.awsIam.secretAccessKey' }
  }
  return { path: 'auth.clientCertificate', username: auth.clientCertificate?.username ?? '', secretField: null }
}

/**
 * The password to answer the server with; null when signing in needs none. For AWS IAM a token that is good for 15
 * minutes, made here without asking AWS.
 */
export async function passwordFor({ auth, host, port }: PostgresConfig): Promise<string | null> {
  if (auth.password) return auth.password.password
  if (!auth.awsIam) return null
  const { username, region, accessKeyId, secretAccessKey, sessionToken } = auth.awsIam
  const { Signer } = await import('@aws-sdk/rds-signer')
  // Explicit credentials: left out, the SDK would look for the machine's own.
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  return new Signer({ hostname: host, port, username, region, credentials }).getAuthToken()
}
