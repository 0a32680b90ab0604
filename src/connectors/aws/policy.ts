/** What a policy allows: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface PolicyStatement {
  readonly actions: readonly string[]
  /** ARNs, with `*` for any text in them; the single one `*` for everything. */
  readonly resources: readonly string[]
}

/** The policy's document. */
export const policyDocument = (statements: readonly PolicyStatement[], indent?: number): string =>
  JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: statements.map(({ actions, resources }) => ({
        Effect: 'Allow',
        Action: actions,
        Resource: resources.length === 1 ? resources[0] : resources,
      })),
    },
    null,
    indent,
  )

export const actionsOf = (statements: readonly PolicyStatement[]): string[] => [
  ...new Set(statements.flatMap(({ actions }) => actions)),
]
