import { readFileSync } from 'node:fs'

export interface DocumentedPolicy {
  readonly Version: string
  readonly Statement: readonly { readonly Action: readonly string[] }[]
}

/** A policy as a page of the documentation gives it for an account that can only read: its first one. */
export function documentedPolicy(page: 'athena' | 's3'): DocumentedPolicy {
  const text = readFileSync(new URL(`../../../docs/connectors/${page}.md`, import.meta.url), 'utf8')
  const [, section = ''] = text.split('## Read-only account')
  const [, json = ''] = /```json\n([^`]*)```/.exec(section) ?? []
  const policy = JSON.parse(json)
  // Written as one text where there is one.
  for (const statement of policy.Statement) {
    if (typeof statement.Action === 'string') statement.Action = [statement.Action]
  }
  return policy
}

/** All that it allows, on whatever. */
export const documentedActions = (page: 'athena' | 's3'): readonly string[] =>
  documentedPolicy(page).Statement.flatMap(({ Action }) => Action)
