import { rdsToken } from '../aws/rds-token.ts'
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

/** The password to answer the server with; null when signing in needs none. For AWS IAM a token that is made here. */
export async function passwordFor({ auth, host, port }: PostgresConfig): Promise<string | null> {
  if (auth.password) return auth.password.password
  return auth.awsIam ? rdsToken({ host, port }, auth.awsIam) : null
}
