/** Keys with which requests to AWS are signed. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Only with temporary keys. */
  readonly sessionToken?: string
}

/** As a form has them. */
export const keysOf = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: Omit<AwsKeys, 'sessionToken'> & { readonly sessionToken?: string | undefined }): AwsKeys => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
})

/** What a run may use to assume roles. Given to runs whose configuration asks for it, and to no others. */
export interface OperatorAws {
  /** The operator's own identity; null when there is none to be had. */
  readonly identity: AwsKeys | null
  /** Of the workspace: a role that demands it can be assumed for nobody else. */
  readonly externalId: string
}

/** What nobody but AWS may see of it. */
export const secretsOf = (operatorAws: OperatorAws | undefined): readonly string[] =>
  operatorAws?.identity ? Object.values(operatorAws.identity) : []
