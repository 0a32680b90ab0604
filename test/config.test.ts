import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, configTable, loadConfig } from '../src/config.ts'
import { settings } from '../src/config-settings.ts'

const load = (environment: Record<string, string>) => loadConfig(environment, { envFile: null })

function mistakesOf(environment: Record<string, string>): readonly string[] {
  try {
    load(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  return []
}

const jwt = {
  JWT_ISSUER: 'https://login.example',
  JWT_AUDIENCE: 'patchbay',
  JWT_JWKS_URL: 'https://login.example/keys',
}
const production = { NODE_ENV: 'production', AUTH: 'tokens', MASTER_KEY_FILE: '/run/key' }

describe('configuration', () => {
  test('needs nothing', () => {
    expect(load({})).toMatchObject({
      environment: 'development',
      production: false,
      port: 4000,
      host: '127.0.0.1',
      dataDirectory: resolve('data'),
      databaseUrl: null,
      masterKeyFile: null,
      secretStore: 'sealed',
      auth: ['none'],
      introspection: 'true',
      simulator: true,
      allowedOrigins: [],
      awsIdentityFile: null,
      awsEndpoints: {},
      cloudEndpoints: {},
      allowCustomEndpoints: true,
      testConcurrency: 4,
      testRate: 60,
      logLevel: 'info',
      egress: { allow: [], allowLoopback: true, allowPrivate: true, allowUnencrypted: true },
    })
  })

  test('closes in production what is only good for trying things out', () => {
    expect(load(production)).toMatchObject({
      production: true,
      introspection: 'false',
      simulator: false,
      allowCustomEndpoints: false,
      egress: { allowLoopback: false, allowPrivate: false, allowUnencrypted: false },
    })
  })

  test('reads every setting', () => {
    const config = load({
      PORT: '0',
      HOST: '::1',
      DATA_DIR: '/data',
      DATABASE_URL: 'postgres://u:p@h/d',
      EGRESS_ALLOW: ' 10.0.0.0/8 ,[2001:db8::]/32:5432,, ',
      ALLOW_UNENCRYPTED: 'no',
      ALLOWED_ORIGINS: 'https://a.example,http://localhost:3000',
      AWS_IDENTITY_FILE: '/run/aws.json',
      AWS_ENDPOINTS: 'sts=https://sts.example, redshift.eu-west-1=https://vpce.example:8443',
      CLOUD_ENDPOINTS: 'bigquery.googleapis.com=https://bq.example, *.SnowflakeComputing.com=https://10.0.0.9',
      ALLOW_CUSTOM_ENDPOINTS: 'false',
      INTROSPECTION: '0',
      SIMULATOR: 'off',
      TEST_CONCURRENCY: '8',
      TEST_RATE: '20',
      LOG_LEVEL: 'debug',
      NODE_ENV: 'test',
    })
    expect(config).toMatchObject({
      environment: 'test',
      port: 0,
      host: '::1',
      dataDirectory: '/data',
      egress: { allow: ['10.0.0.0/8', '[2001:db8::]/32:5432'], allowUnencrypted: false },
      allowedOrigins: ['https://a.example', 'http://localhost:3000'],
      awsIdentityFile: '/run/aws.json',
      awsEndpoints: { sts: 'https://sts.example', 'redshift.eu-west-1': 'https://vpce.example:8443' },
      cloudEndpoints: {
        'bigquery.googleapis.com': 'https://bq.example',
        '*.snowflakecomputing.com': 'https://10.0.0.9',
      },
      allowCustomEndpoints: false,
      introspection: 'false',
      simulator: false,
      testConcurrency: 8,
      testRate: 20,
      logLevel: 'debug',
    })
    expect(config.databaseUrl?.reveal()).toBe('postgres://u:p@h/d')
  })

  test('cannot be changed afterwards', () => {
    const config = load({})
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError)
    expect(() => Object.assign(config.egress, { allowLoopback: false })).toThrow(TypeError)
    expect(() => Object.assign(config.egress.allow, ['10.0.0.0/8'])).toThrow(TypeError)
  })

  test('reports every mistake at once, by the name of its variable', () => {
    const wrong = {
      PORT: '65536',
      HOST: 'a b',
      DATABASE_URL: 'mysql://u:canary-password@h/d',
      SECRET_STORE: 'drawer',
      AUTH: 'basic',
      EGRESS_ALLOW: '10.0.0.0/8, 10.0.0.0/33, somewhere',
      ALLOW_UNENCRYPTED: 'perhaps',
      ALLOWED_ORIGINS: '*',
      AWS_ENDPOINTS: 'ec2=https://ec2.example',
      CLOUD_ENDPOINTS: '*=https://all.example',
      ALLOW_CUSTOM_ENDPOINTS: 'here',
      INTROSPECTION: 'maybe',
      TEST_CONCURRENCY: '1.5',
      LOG_LEVEL: 'loud',
      NODE_ENV: 'prod',
    }
    const mistakes = mistakesOf(wrong)
    const counts = Object.keys(wrong).map(name => [name, mistakes.filter(text => text.startsWith(`${name} `)).length])
    expect(counts).toEqual(Object.keys(wrong).map(name => [name, name === 'EGRESS_ALLOW' ? 2 : 1]))
    expect(mistakes).toContain('PORT must be a whole number from 0 to 65535, not "65536".')
    expect(mistakes).toContain('DATABASE_URL must begin with file:, postgres:// or postgresql://.')
    expect(mistakes).toHaveLength(16)
  })

  test('takes endpoints of clouds without encryption only where connections without it are allowed', () => {
    const endpoints = { AWS_ENDPOINTS: 'sts=http://10.0.0.1:8080', CLOUD_ENDPOINTS: 'a.example=http://10.0.0.1:8080' }
    expect(mistakesOf(endpoints)).toEqual([])
    expect(mistakesOf({ ...endpoints, ALLOW_UNENCRYPTED: 'false' })).toEqual([
      expect.stringMatching(/^AWS_ENDPOINTS has "sts=http:.*without encryption/),
      expect.stringMatching(/^CLOUD_ENDPOINTS has "a.example=http:.*without encryption/),
    ])
  })

  test.each([
    '127.0.0.0/8',
    '127.0.0.1/32:5432',
    '::1/128',
    '169.254.169.254',
    '[fe80::]/10:443',
    '64:ff9b::/96',
    '224.0.0.0/3',
  ])('says of the rule %s whether it would open anything', EGRESS_ALLOW => {
    // The last one also holds addresses outside of the reserved ranges.
    const expected = EGRESS_ALLOW === '224.0.0.0/3' ? [] : [expect.stringContaining('which nothing can open')]
    expect(mistakesOf({ EGRESS_ALLOW })).toEqual(expected)
  })

  test.each(['', '-1', '0x10', '1e3', ' ', '99999999999'])('takes PORT=%j for a mistake or for not set', PORT => {
    if (PORT.trim() === '') expect(load({ PORT }).port).toBe(4000)
    else expect(mistakesOf({ PORT })).toHaveLength(1)
  })

  test('refuses to let everybody in from other machines', () => {
    expect(mistakesOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('"none" in AUTH')])
    expect(mistakesOf({ HOST: '0.0.0.0', AUTH: 'tokens, none' })).toEqual([expect.stringMatching(/^HOST is "0.0.0.0"/)])
    expect(mistakesOf({ HOST: '0.0.0.0', AUTH: 'tokens' })).toEqual([])
    expect(mistakesOf({ HOST: '::' })).toHaveLength(1)
    expect(mistakesOf({ HOST: 'db.internal' })).toHaveLength(1)
    for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) expect(mistakesOf({ HOST })).toEqual([])
  })

  test('refuses to start in production with a default of development', () => {
    expect(mistakesOf({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^AUTH is not set/),
      expect.stringMatching(/^MASTER_KEY_FILE is not set/),
    ])
    expect(mistakesOf(production)).toEqual([])
  })

  test('takes a list of ways to recognise callers', () => {
    expect(load({ AUTH: ' tokens ,none,, tokens' }).auth).toEqual(['tokens', 'none'])
    expect(Object.isFrozen(load({}).auth)).toBe(true)
    expect(mistakesOf({ AUTH: 'tokens, password' })).toEqual([
      'AUTH has the entry "password", and can have none, jwt, tokens.',
    ])
    expect(mistakesOf({ AUTH: ',' })).toEqual([
      expect.stringMatching(/^AUTH must have at least one of none, jwt, tokens/),
    ])
    expect(mistakesOf({ AUTH: 'jwt' })).toEqual([
      expect.stringMatching(/^JWT_ISSUER is not set/),
      expect.stringMatching(/^JWT_AUDIENCE is not set/),
      expect.stringMatching(/^JWT_JWKS_URL is not set/),
    ])
  })

  test('refuses in production to let in whoever comes', () => {
    for (const AUTH of ['none', 'tokens,none']) {
      expect(mistakesOf({ ...production, AUTH })).toEqual([expect.stringMatching(/^AUTH has "none".*Production needs/)])
    }
  })

  test('is printed without the password of the database', () => {
    const config = load({ DATABASE_URL: 'postgres://u:canary-password@h/d' })
    const printed = [
      inspect(config, { depth: 9, showHidden: true }),
      JSON.stringify(config),
      String(config.databaseUrl),
      `${JSON.stringify({ ...config })}`,
    ]
    expect(printed.join()).not.toContain('canary-password')
    expect(() => load({ DATABASE_URL: 'x:canary-password' })).toThrow(expect.not.stringContaining('canary-password'))
  })
})

describe('the file .env', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'patchbay-config-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  test('is read for what the environment leaves open', async () => {
    const envFile = join(directory, '.env')
    await writeFile(envFile, '# comment\nPORT=5000\nexport LOG_LEVEL="debug"\nTEST_CONCURRENCY=2\n')
    const config = loadConfig({ PORT: '6000', TEST_CONCURRENCY: '' }, { envFile })
    expect(config).toMatchObject({ port: 6000, logLevel: 'debug', testConcurrency: 2 })
  })

  test('need not exist, but must be readable', () => {
    expect(loadConfig({}, { envFile: join(directory, 'none') }).port).toBe(4000)
    expect(() => loadConfig({}, { envFile: directory })).toThrow(ConfigError)
  })
})

/** Whatever the way of signing in. */
const vault = { VAULT_ADDR: 'https://vault.internal:8200', VAULT_APPROLE_FILE: '/a', VAULT_TOKEN_FILE: '/t' }

describe('the settings of Vault', () => {
  test('are put together, with a role for each workspace', () => {
    expect(load({}).vault).toBeNull()
    const { vault, infrastructureHosts } = load({ VAULT_ADDR: 'https://vault.internal:8200/', SECRET_STORE: 'vault' })
    expect(vault).toEqual({
      address: 'https://vault.internal:8200',
      clusterAddresses: ['https://vault.internal:8200'],
      namespace: null,
      kvMount: 'secret',
      kvPrefix: 'workspaces',
      caFile: null,
      signIn: {
        method: 'kubernetes',
        mount: 'kubernetes',
        role: 'ws-{workspace}',
        jwtFile: '/var/run/secrets/patchbay/vault-token',
      },
    })
    expect(infrastructureHosts).toContain('vault.internal')
  })

  test.each([
    [{ SECRET_STORE: 'vault' }, 'VAULT_ADDR is not set'],
    [{ ...vault, VAULT_ADDR: 'https://vault.internal/v1' }, 'VAULT_ADDR must be an address'],
    [
      { ...vault, VAULT_ADDR: 'http://vault.internal:8200', ...production },
      'VAULT_ADDR has "http://vault.internal:8200" without',
    ],
    [{ ...vault, VAULT_CLUSTER_ADDRS: 'vault-0' }, 'VAULT_CLUSTER_ADDRS has the entry "vault-0"'],
    [{ ...vault, VAULT_ROLE: 'patchbay' }, 'VAULT_ROLE must hold {workspace}'],
    [{ ...vault, VAULT_KV_MOUNT: '../sys' }, 'VAULT_KV_MOUNT must be a path of names'],
    [{ ...vault, VAULT_KV_PREFIX: '{{identity.entity.id}}' }, 'VAULT_KV_PREFIX must be a path of names'],
    [{ ...vault, VAULT_NAMESPACE: 'teams/{tenant}' }, 'VAULT_NAMESPACE must be a path of names'],
    [{ ...vault, VAULT_ROLE: '{{workspace}}' }, 'VAULT_ROLE must be a name of letters'],
    [{ ...vault, VAULT_ROLE: '.{workspace}' }, 'VAULT_ROLE must be a name of letters'],
    [{ ...vault, VAULT_JWT_FILE: '/tmp/jwt\nrm -r x' }, 'VAULT_JWT_FILE must be a path without control'],
    [{ ...vault, VAULT_AUTH: 'approle', VAULT_APPROLE_FILE: '' }, 'VAULT_APPROLE_FILE is not set'],
    [{ ...vault, VAULT_AUTH: 'token', VAULT_TOKEN_FILE: '' }, 'VAULT_TOKEN_FILE is not set'],
    [{ VAULT_SKIP_VERIFY: 'false' }, 'VAULT_SKIP_VERIFY is set'],
    [{ VAULT_TOKEN: 'canary-token' }, 'VAULT_TOKEN is set'],
  ])('refuse what is missing or unsafe: %j', (environment, mistake) => {
    const mistakes = mistakesOf({ ...environment })
    expect(mistakes).toEqual([expect.stringContaining(mistake)])
    expect(String(mistakes)).not.toContain('canary')
  })
})

describe('the table of settings', () => {
  test('has a row for each setting, whose example is accepted', () => {
    const rows = configTable().split('\n')
    expect(rows.slice(2).map(row => row.split(' | ')[0])).toEqual(
      Object.values(settings).map(({ name }) => `| \`${name}\``),
    )
    expect(rows.every(row => row.split(' | ').length === 4)).toBe(true)
    for (const { name, example } of Object.values(settings)) {
      const base = { ...production, ...vault, ...jwt, HOST: '127.0.0.1' }
      const { [name]: _, ...others } = base as Record<string, string>
      expect(mistakesOf({ ...others, [name]: example })).toEqual([])
    }
  })
})
