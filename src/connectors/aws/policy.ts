/** What a policy allows: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface PolicyStatement {
  readonly actions: readonly string[]
  /** ARNs, with `*` for any text in them; the single one `*` for everything. */
  readonly resources: readonly string[]
  /** Values that keys of the request's context must have, all of them: `kms:ViaService`. */
  readonly onlyWhere?: { readonly [key: string]: string }
}

/** The policy's document, in ASCII: IAM takes nothing beyond Latin-1. */
export const policyDocument = (statements: readonly PolicyStatement[], indent?: number): string =>
  JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: statements.map(({ actions, resources, onlyWhere }) => ({
        Effect: 'Allow',
        Action: actions,
        Resource: resources.length === 1 ? resources[0] : resources,
        ...(onlyWhere && { Condition: { StringEquals: onlyWhere } }),
      })),
    },
    null,
    indent,
  ).replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Text as it is within an ARN of a policy, where wildcards and variables would be something else. */
export const literalInPolicy = (text: string): string => text.replace(/[$*?]/g, character => `\${${character}}`)

export const actionsOf = (statements: readonly PolicyStatement[]): string[] => [
  ...new Set(statements.flatMap(({ actions }) => actions)),
]
