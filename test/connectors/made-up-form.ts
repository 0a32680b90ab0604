import { z } from 'zod'
import { type ConnectorType, defineConnector } from '../../src/connectors/define.ts'
import {
  alternatives,
  block,
  choice,
  defineAlternativesForm,
  defineForm,
  type Form,
  field,
  secret,
} from '../../src/connectors/form.ts'

/** A block that several made-up types share. */
export const proxyBlock = block(
  {
    host: field(z.string().min(1), { label: 'Proxy host' }),
    port: field(z.int().min(1).max(65_535).default(3128), { label: 'Proxy port' }),
    password: secret(z.string().min(1).optional(), { label: 'Proxy password' }),
  },
  { label: 'Proxy', typeName: 'Proxy', destination: true, section: 'network' },
)

const header = block(
  {
    name: field(z.string().min(1).max(40), { label: 'Name' }),
    value: secret(z.string().min(1).max(200), { label: 'Value', secretWhen: 'isSecret' }),
    isSecret: field(z.boolean().default(false), { label: 'Secret' }),
    weight: field(z.int().min(0).max(9).optional(), { label: 'Weight' }),
  },
  { label: 'Header' },
)

/** Everything that forms can express, in a form of no real type. */
export const madeUpForm = defineForm({
  sections: [
    { id: 'network', label: 'Network', help: 'Where to connect.' },
    { id: 'access', label: 'Access' },
  ],
  fields: {
    title: field(z.string().trim().min(1).max(30).optional(), { label: 'Title', placeholder: 'My source' }),
    baseUrl: field(z.string().regex(/^https?:\/\/[a-z]{1,20}$/, 'Give an address such as "https://example".'), {
      label: 'Base URL',
      help: 'Where the source answers.',
      section: 'network',
      destination: true,
    }),
    auth: alternatives(
      {
        none: { label: 'No sign-in', fields: {} },
        basic: {
          label: 'User name and password',
          fields: {
            username: field(z.string().min(1), { label: 'User name' }),
            password: secret(z.string().min(1).max(200), { label: 'Password', help: 'Sent exactly as typed.' }),
          },
        },
        token: { label: 'Token', fields: { token: secret(z.string().min(1), { label: 'Token', multiline: true }) } },
        cloud: {
          label: 'Cloud identity',
          fields: {
            deployment: alternatives(
              {
                cluster: {
                  label: 'Cluster',
                  fields: { clusterId: field(z.string().min(1), { label: 'Cluster id', destination: true }) },
                },
                serverless: { label: 'Serverless', help: 'Nothing to name.', fields: {} },
              },
              { label: 'Deployment' },
            ).prefault({ serverless: true }),
            accessKey: secret(z.string().min(1), { label: 'Access key' }),
            sessionToken: secret(z.string().min(1).optional(), { label: 'Session token' }),
          },
        },
      },
      { label: 'Sign-in', section: 'access' },
    ),
    mode: choice(
      { SAFE: { label: 'Safe', help: 'Slow and sure.' }, FAST: { label: 'Fast', help: 'Quick.' } },
      { label: 'Mode' },
    ).default('SAFE'),
    retries: field(z.int().min(0).max(10).default(3), { label: 'Retries' }),
    maxBytes: field(z.int().min(1).max(Number.MAX_SAFE_INTEGER).optional(), { label: 'Byte limit', advanced: true }),
    ratio: field(z.number().min(0).max(1).default(0.5), { label: 'Ratio' }),
    tags: field(z.array(z.string().min(1).max(10)).max(4).default([]), { label: 'Tags' }),
    modes: field(
      z
        .array(choice({ READ: { label: 'Read', help: 'Reads.' } }, { label: 'Access mode', typeName: 'AccessMode' }))
        .optional(),
      { label: 'Access modes' },
    ),
    hosts: field(
      z
        .array(
          block(
            {
              host: field(z.string().min(1), { label: 'Host' }),
              port: field(z.int().min(1).max(9).default(5), { label: 'Port' }),
            },
            { label: 'Member' },
          ),
        )
        .max(3)
        .optional(),
      { label: 'Members', destination: true, section: 'network' },
    ),
    headers: field(z.array(header).max(4).default([]), { label: 'Headers', section: 'access' }),
    routes: field(
      z
        .array(
          block(
            {
              name: field(z.string().min(1).max(10), { label: 'Name' }),
              keys: field(
                z
                  .array(
                    block(
                      {
                        name: field(z.string().min(1).max(10), { label: 'Name' }),
                        key: secret(z.string().min(1).max(200), { label: 'Key' }),
                      },
                      { label: 'Key' },
                    ),
                  )
                  .default([]),
                { label: 'Keys' },
              ),
            },
            { label: 'Route' },
          ),
        )
        .max(3)
        .default([]),
      { label: 'Routes' },
    ),
    proxy: proxyBlock.optional(),
    limits: block(
      {
        seconds: field(z.int().min(1).max(60).default(10), { label: 'Seconds' }),
        burst: block(
          { size: field(z.int().min(1).default(5), { label: 'Size' }) },
          { label: 'Burst', advanced: true },
        ).prefault({}),
      },
      { label: 'Limits' },
    ).prefault({}),
  },
  check: (value, report) => {
    if (value.mode === 'FAST' && value.retries > 5) report(['retries'], 'The fast mode allows 5 retries at most.')
  },
})

export const madeUpQueryForm = defineAlternativesForm({
  label: 'Query',
  alternatives: {
    path: { label: 'Path', fields: { path: field(z.string().min(1), { label: 'Path' }) } },
    everything: { label: 'Everything', fields: {} },
  },
})

/** A connector type of which nothing but its forms is real. */
export const madeUpType = (name: string, inputKey: string, form: Form = madeUpForm): ConnectorType =>
  defineConnector({
    name,
    inputKey,
    version: 1,
    kind: 'GENERIC',
    category: 'DEVELOPMENT',
    label: 'Made up',
    description: 'Exists in tests only.',
    docsPath: 'none',
    keywords: [],
    logo: { color: '#000000', shape: '' },
    maturity: { level: 'STABLE' },
    drivers: [],
    form,
    queryForm: madeUpQueryForm,
    plan: () => [],
    problems: ['CONNECTION_REFUSED', 'UNCLASSIFIED'],
    queryBudgetMs: () => 1000,
    loadSteps: () => Promise.reject(new Error('A made-up type has no steps.')),
    loadQuery: () => Promise.reject(new Error('A made-up type has no queries.')),
  })
