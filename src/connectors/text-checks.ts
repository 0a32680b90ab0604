import type { z } from 'zod'

/** What is wrong with a text, and what was probably meant. Never for secrets: both are shown. */
export interface TextIssue {
  readonly message: string
  readonly suggestion?: string
}

/** A check for a form's text: what `issueOf` says is wrong with it, as a sentence; null when nothing is. */
export const judgedBy =
  (issueOf: (text: string) => string | TextIssue | null) =>
  (context: z.core.ParsePayload<string>): void => {
    const issue = issueOf(context.value)
    if (issue === null) return
    const { message, suggestion } = typeof issue === 'string' ? { message: issue } : issue
    const params = suggestion === undefined ? {} : { params: { suggestion } }
    context.issues.push({ code: 'custom', message, input: null, ...params })
  }

/** Servers take a NUL for the end of a text. */
export const nulIssue = (text: string): string | null => (text.includes('\0') ? 'Remove the NUL character.' : null)
