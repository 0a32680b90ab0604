import type { StepKey } from '../connection-test.ts'
import type { Evidence } from '../evidence.ts'
import type { Remedy } from '../problem.ts'
import type { SimulatorConfig } from './form.ts'
import type { EvidenceKind, RemedyKind } from './outcomes.ts'
import type { StepScript } from './script.ts'

/** Fixed facts, from ranges that are reserved for documentation: the same test always looks the same. */
const sampleText: { readonly [K in StepKey]?: (config: SimulatorConfig) => readonly [label: string, value: string] } = {
  TUNNEL: () => ['Host key', 'SHA256:c2ltdWxhdGVkLWhvc3Qta2V5LWZpbmdlcnByaW50LTAwMDE'],
  GREET: () => ['Protocol', 'simulated, version 3'],
  SECURE: () => ['Encryption', 'TLSv1.3, TLS_AES_256_GCM_SHA384'],
  TOPOLOGY: () => ['Members', 'one primary, two secondaries'],
  SIGN_IN: config => ['Signed in as', usernameOf(config)],
  OPEN: ({ generation }) => ['Server version', `Simulator ${generation}.0`],
  READ: () => ['Read', 'one row of "orders"'],
  LEAST_PRIVILEGE: () => ['Rights', 'INSERT, UPDATE, DELETE on 3 tables'],
}

const evidenceSamples: Record<EvidenceKind, (config: SimulatorConfig, key: StepKey) => readonly Evidence[]> = {
  TEXT: (config, key) => {
    const [label, value] = sampleText[key]?.(config) ?? ['Simulated', `a fact of ${key}`]
    return [{ kind: 'TEXT', label, measuredOn: 'SAME_SOCKET', value }]
  },
  ADDRESS: ({ generation }, key) => {
    const outcome = (words: string) => (key === 'EGRESS' ? 'allowed' : words)
    return [
      {
        kind: 'ADDRESS',
        label: 'Address',
        address: `192.0.2.${9 + generation}`,
        family: 'IPV4',
        outcome: outcome('connected in 3 ms'),
      },
      {
        kind: 'ADDRESS',
        label: 'Address',
        address: `2001:db8::${9 + generation}`,
        family: 'IPV6',
        outcome: outcome('not tried'),
      },
    ]
  },
  CERTIFICATE: ({ host, generation }) => [
    {
      kind: 'CERTIFICATE',
      label: 'Server certificate',
      measuredOn: 'SAME_SOCKET',
      subject: `CN=${host}`,
      issuer: 'CN=Simulated Root CA',
      validFrom: '2026-01-01T00:00:00.000Z',
      validTo: `${2026 + generation}-01-01T00:00:00.000Z`,
      sha256Fingerprint: Array.from({ length: 32 }, (_, index) =>
        (index * 7 + generation - 1).toString(16).toUpperCase().padStart(2, '0').slice(-2),
      ).join(':'),
      subjectAltNames: [host],
    },
  ],
}

/** The sample facts of the given kinds, in their order. */
export const sampleEvidence = (kinds: readonly EvidenceKind[], config: SimulatorConfig, key: StepKey) =>
  kinds.flatMap(kind => evidenceSamples[kind](config, key))

const remedySamples: Record<RemedyKind, (config: SimulatorConfig, script: StepScript) => Remedy> = {
  SET_FIELD: (_config, { entry }) =>
    entry === null
      ? { kind: 'SET_FIELD', title: 'Let everything pass', field: 'scenario', value: 'ALL_PASS' }
      : { kind: 'SET_FIELD', title: 'Let this step pass', field: `steps.${entry}.outcome`, value: 'PASSED' },
  RUN_SQL: () => ({
    kind: 'RUN_SQL',
    title: 'Create an account that can only read',
    sql: [
      'CREATE ROLE simulated_reader LOGIN;',
      'GRANT USAGE ON SCHEMA shop TO simulated_reader;',
      'GRANT SELECT ON ALL TABLES IN SCHEMA shop TO simulated_reader;',
    ].join('\n'),
  }),
  ALLOW_ADDRESS: () => ({
    kind: 'ALLOW_ADDRESS',
    title: "Let Patchbay's addresses in",
    addresses: ['203.0.113.10', '2001:db8:1::10'],
  }),
  REENTER_SECRET: config => ({
    kind: 'REENTER_SECRET',
    title: 'Type the secret again',
    field: config.auth.key ? 'auth.key.privateKey' : 'auth.password.password',
  }),
  READ_DOCS: () => ({ kind: 'READ_DOCS', title: 'Read about the simulator', url: 'connectors/simulator.md' }),
}

/** The sample remedies that a script asks for, in its order. */
export const sampleRemedies = (script: StepScript, config: SimulatorConfig) =>
  (script.remedies ?? []).map(kind => remedySamples[kind](config, script))

export const usernameOf = ({ auth }: SimulatorConfig): string => (auth.password ?? auth.key)?.username ?? 'simulated'
