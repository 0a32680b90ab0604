import type { StepKey } from '../connection-test.ts'
import type { SimulatedStep } from './step-block.ts'

/** What steps do that differ from passing at once. Only steps that a scenario names, or every test has, are planned. */
export type Scenario = { readonly [K in StepKey]?: SimulatedStep }

/** Every test has these unless told otherwise, as a test of a database has. */
export const usualSteps: readonly StepKey[] = [
  'RESOLVE',
  'EGRESS',
  'CONNECT',
  'GREET',
  'SECURE',
  'SIGN_IN',
  'OPEN',
  'READ',
  'LEAST_PRIVILEGE',
]

/** What a passing step shows. */
export const usualEvidence: { readonly [K in StepKey]?: SimulatedStep['evidence'] } = {
  EGRESS: ['ADDRESS'],
  TUNNEL: ['TEXT'],
  CONNECT: ['ADDRESS'],
  GREET: ['TEXT'],
  SECURE: ['TEXT', 'CERTIFICATE'],
  TOPOLOGY: ['TEXT'],
  SIGN_IN: ['TEXT'],
  OPEN: ['TEXT'],
  READ: ['TEXT'],
}

export const scenarioNames = {
  ALL_PASS: { label: 'Everything passes', help: 'Every step passes at once.' },
  WARNINGS: { label: 'Passes with warnings', help: 'A certificate that expires soon, and an account that can write.' },
  UNKNOWN_HOST: { label: 'Unknown host', help: 'RESOLVE fails: nothing after it runs.' },
  FIREWALL: { label: 'Firewall', help: 'CONNECT gets no answer until its budget ends.' },
  UNTRUSTED_CERTIFICATE: { label: 'Untrusted certificate', help: 'SECURE fails and shows the certificate.' },
  WRONG_PASSWORD: { label: 'Wrong password', help: 'SIGN_IN fails and marks the password.' },
  NOTHING_READABLE: { label: 'Nothing readable', help: 'READ fails and offers the statements that grant rights.' },
  SLOW: { label: 'Slow', help: 'Every step takes a second or so, and OPEN tells its progress for six.' },
  HANG: { label: 'Hangs', help: 'READ never answers and ends at its budget.' },
  CRASH: { label: 'Crash', help: 'The process dies in READ: the test ends as ERRORED.' },
  EVERYTHING: {
    label: 'Everything at once',
    help: 'Every step that there is, every kind of evidence and remedy, notes, and a failure that stops nothing.',
  },
} as const
export type ScenarioName = keyof typeof scenarioNames

const slow = { delayMs: 1_000 }

export const scenarios: Record<ScenarioName, Scenario> = {
  ALL_PASS: {},
  WARNINGS: {
    SECURE: { outcome: 'WARNING', problem: 'CERTIFICATE_EXPIRES_SOON' },
    LEAST_PRIVILEGE: { outcome: 'WARNING', problem: 'ACCOUNT_CAN_WRITE', evidence: ['TEXT'], remedies: ['RUN_SQL'] },
  },
  UNKNOWN_HOST: { RESOLVE: { outcome: 'FAILED', problem: 'HOST_NOT_FOUND' } },
  FIREWALL: { CONNECT: { outcome: 'HANG', remedies: ['ALLOW_ADDRESS'] } },
  UNTRUSTED_CERTIFICATE: {
    SECURE: {
      outcome: 'FAILED',
      problem: 'TLS_CERTIFICATE_UNTRUSTED',
      evidence: ['CERTIFICATE'],
      remedies: ['SET_FIELD', 'READ_DOCS'],
    },
  },
  WRONG_PASSWORD: {
    SIGN_IN: {
      outcome: 'FAILED',
      problem: 'CREDENTIALS_REJECTED',
      detail: 'simulated server: access denied',
      remedies: ['REENTER_SECRET'],
    },
  },
  NOTHING_READABLE: { READ: { outcome: 'FAILED', problem: 'NOTHING_READABLE', remedies: ['RUN_SQL'] } },
  SLOW: {
    RESOLVE: slow,
    EGRESS: { delayMs: 500 },
    CONNECT: slow,
    GREET: slow,
    SECURE: slow,
    SIGN_IN: slow,
    OPEN: { delayMs: 6_000, notes: ['waking the warehouse', 'the warehouse is starting', 'nearly there'] },
    READ: slow,
    LEAST_PRIVILEGE: slow,
  },
  HANG: { READ: { outcome: 'HANG' } },
  CRASH: { READ: { outcome: 'CRASH' } },
  EVERYTHING: {
    TUNNEL: {},
    SECURE: {
      outcome: 'WARNING',
      problem: 'CERTIFICATE_EXPIRES_SOON',
      evidence: ['TEXT', 'ADDRESS', 'CERTIFICATE'],
    },
    TOPOLOGY: { outcome: 'FAILED', problem: 'NETWORK_UNREACHABLE', required: false },
    OPEN: { delayMs: 600, notes: ['opening', 'still opening', 'open'] },
    READ: {
      outcome: 'WARNING',
      problem: 'ACCOUNT_CAN_WRITE',
      detail: 'simulated server: INSERT, UPDATE, DELETE',
      remedies: ['SET_FIELD', 'RUN_SQL', 'ALLOW_ADDRESS', 'REENTER_SECRET', 'READ_DOCS'],
    },
    LEAST_PRIVILEGE: { outcome: 'SKIPPED', problem: 'PRIVILEGES_UNKNOWN' },
  },
}
