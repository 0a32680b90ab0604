import type { z } from 'zod'

/** A check for a form's text: what `issueOf` says is wrong with it, as a sentence; null when nothing is. */
export const judgedBy =
  (issueOf: (text: string) => string | null) =>
  (context: z.core.ParsePayload<string>): void => {
    const message = issueOf(context.value)
    if (message !== null) context.issues.push({ code: 'custom', message, input: null })
  }

/** Servers take a NUL for the end of a text. */
export const nulIssue = (text: string): string | null => (text.includes('\0') ? 'Remove the NUL character.' : null)
