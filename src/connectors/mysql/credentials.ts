import { type RdsIdentity, rdsToken } from '../aws/rds-token.ts'
import type { MysqlConfig } from './form.ts'

export interface Credentials {
  /** Form path of the sign-in in use. */
  readonly path: string
  readonly username: string
  /** Form path of its main secret. */
  readonly secretField: string
}

/** The sign-in in use. */
export function credentialsOf({ auth }: Pick<MysqlConfig, 'auth'>): Credentials {
  return auth.password
    ? { path: 'auth.password', username: auth.password.username, secretField: 'auth.password.password' }
    : { path: 'auth.awsIam', username: iamOf(auth).username, secretField: 'auth.awsIam.secretAccessKey' }
}

/** The password to answer the server with; for AWS IAM a token that is made here. */
export const passwordFor = async ({ auth, host, port }: MysqlConfig): Promise<string> =>
  auth.password ? auth.password.password : rdsToken({ host, port }, iamOf(auth))

function iamOf({ awsIam }: MysqlConfig['auth']): RdsIdentity {
  if (!awsIam) throw new Error('The form lets exactly one sign-in through.')
  return awsIam
}
