import type { TextIssue } from '../text-checks.ts'

/** Ids of today, those of domains (`example.com:project`), and numbers, which Google takes too. */
const project = /^(?:[a-z0-9.-]+\.[a-z]{2,}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$|^\d{6,19}$/

const usual = 'Give the id of the project, such as "my-project-123456"; not its name.'

/** What is wrong with a project as typed, and what was probably meant; null when nothing is. */
export function projectIssue(text: string): TextIssue | null {
  if (project.test(text)) return null
  const named = /[?&]project=([^&#]+)/.exec(text)?.[1] ?? /(?:^|\/)projects\/([^/?#]+)/.exec(text)?.[1] ?? text
  const meant = named.trim().toLowerCase()
  return project.test(meant) ? { message: usual, suggestion: meant } : { message: usual }
}
