import type { CommonType } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import type { Remedy } from '../problem.ts'
import { type ProblemCode, problemTable } from '../problem-table.ts'

/** The closed lists of words of the simulator's forms, each word with what a reader sees of it. */
type Words<K extends string> = { readonly [V in K]: { readonly label: string; readonly help: string } }

/** What the process may be made to do beside answering: the same for steps and for queries. */
const misbehaviours = {
  HANG: { label: 'Hangs', help: 'It waits until its time is up, and stops at once when it is told to.' },
  THROW: { label: 'Throws an unknown error', help: 'As a driver does that nobody has a rule for: UNCLASSIFIED.' },
  CRASH: { label: 'Crashes its process', help: 'The process is killed, as by a fault in native code.' },
  EXIT: { label: 'Ends its process', help: 'The process ends by itself without a word.' },
  BURN_CPU: { label: 'Burns processor time', help: 'It no longer hears anything and has to be killed from outside.' },
  EAT_MEMORY: { label: 'Eats memory', help: 'It takes more memory than a process may have, and is killed for it.' },
} as const
export type Misbehaviour = keyof typeof misbehaviours

export const stepOutcomes = {
  PASSED: { label: 'Passes', help: 'It shows its evidence and no problem.' },
  WARNING: { label: 'Warns', help: 'It passes with a problem that is worth knowing.' },
  FAILED: { label: 'Fails', help: 'If it is required, the rest is skipped.' },
  SKIPPED: {
    label: 'Cannot be measured',
    help: 'It ends as skipped with a problem. If it is required, so is the rest.',
  },
  ...misbehaviours,
} as const
export type StepOutcome = keyof typeof stepOutcomes

export const queryOutcomes = {
  ROWS: { label: 'Answers', help: 'The rows arrive.' },
  FAILED: { label: 'Fails', help: 'A problem is reported.' },
  ...misbehaviours,
} as const
export type QueryOutcomeWord = keyof typeof queryOutcomes

export const listingOutcomes = {
  ITEMS: { label: 'Answers', help: 'What there is, is listed.' },
  PARTIAL: { label: 'Answers in part', help: 'Every second item is missing, with a problem that says so.' },
  FAILED: { label: 'Fails', help: 'A problem is reported, and nothing is listed.' },
  ...misbehaviours,
} as const

export const evidenceKinds = {
  TEXT: { label: 'A text', help: 'Such as the version of a server.' },
  ADDRESS: { label: 'Addresses', help: 'One of each family, with what became of them.' },
  CERTIFICATE: { label: 'A certificate', help: 'With subject, issuer, dates and fingerprint.' },
} as const satisfies Words<Evidence['kind']>
export type EvidenceKind = keyof typeof evidenceKinds

export const remedyKinds = {
  SET_FIELD: { label: 'Set a form field', help: 'Following it makes the step pass in the next test.' },
  RUN_SQL: { label: 'Run statements', help: 'Statements for an administrator.' },
  ALLOW_ADDRESS: { label: 'Let addresses in', help: 'Two addresses for a firewall.' },
  REENTER_SECRET: { label: 'Type a secret again', help: 'The one of the sign-in.' },
  READ_DOCS: { label: 'Read a page', help: 'The page of the simulator.' },
} as const satisfies Words<Remedy['kind']>
export type RemedyKind = keyof typeof remedyKinds

export const columnKinds = {
  TEXT: { label: 'Text', help: 'With accents, other scripts, emoji, markup, line breaks and empty texts.' },
  INTEGER: { label: 'Integers', help: 'Small ones as numbers; those beyond 2^53 as text.' },
  DECIMAL: { label: 'Decimals', help: 'As text, so that no digit is lost.' },
  FLOAT: { label: 'Floating-point numbers', help: 'Also very large and very small ones, and NaN as text.' },
  BOOLEAN: { label: 'Booleans', help: 'True and false.' },
  DATE: { label: 'Dates', help: 'Also leap days and far centuries.' },
  TIME: { label: 'Times of day', help: 'Down to microseconds.' },
  TIMESTAMP: { label: 'Instants', help: 'As text, with and without a time zone.' },
  JSON: { label: 'JSON', help: 'Nested objects and lists.' },
  BINARY: { label: 'Binary data', help: 'As base64.' },
  LIST: { label: 'Lists', help: 'Also empty and nested ones, and with nulls inside.' },
  OTHER: { label: 'Anything else', help: 'Types that only the data source knows: as text.' },
} as const satisfies Words<CommonType>

/** Every problem that there is: adding one to the table adds it here. */
export const problemCodes = Object.keys(problemTable) as readonly ProblemCode[]

export const problemChoices = Object.fromEntries(
  problemCodes.map(code => [
    code,
    { label: problemTable[code].title, help: `Of origin ${problemTable[code].origin}.` },
  ]),
  // `fromEntries` forgets the keys that it was given.
) as Words<ProblemCode>
