/** Says what is wrong with a pattern as typed; null when nothing is. */
export const patternIssue = (pattern: string): string | null =>
  /\\(?![*?\\])/.test(pattern) ? 'Put a backslash only before *, ? or another backslash.' : null
