import { resolve } from 'node:path'
import { z } from 'zod'
import { authSettings } from './config-auth.ts'
import { introspectionSettings } from './config-introspection.ts'
import { jwtSettings } from './config-jwt.ts'
import { limitSettings } from './config-limits.ts'
import { flag, list, oneOf, setting, text, wholeNumber } from './config-setting.ts'
import { awsServices, parseEndpointSetting } from './connectors/aws/endpoint.ts'
import { parseCloudEndpoint } from './connectors/cloud/endpoint.ts'
import { opensNothing, parseEgressRule } from './connectors/network/egress.ts'
import { HiddenText } from './hidden-text.ts'

function parseOrigin(entry: string): string {
  const url = new URL(entry)
  if (url.origin !== entry || !['http:', 'https:'].includes(url.protocol)) throw new TypeError(entry)
  return entry
}

/** Whether a text is an HTTP address without anything after the port. */
function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  return ['http:', 'https:'].includes(url.protocol) && [url.origin, `${url.origin}/`].includes(value)
}

const file = z
  .string({ error: 'must be a path' })
  .regex(/^\P{Cc}*$/u, 'must be a path without control characters')
  .transform(path => resolve(path))
/** Part of a path in Vault; `{workspace}` may stand in it. */
const vaultPath = z
  .string({ error: 'must be a path' })
  .regex(
    /^(?:[\w-]|\{workspace\})(?:[\w.-]|\{workspace\}|\/(?:[\w-]|\{workspace\}))*$/,
    'must be a path of names, without "/" at its ends, and with no braces but those of {workspace}',
  )

const keepRule = (entry: string): string => {
  if (opensNothing(parseEgressRule(entry))) throw new TypeError(entry)
  return entry
}

function ruleFault(entry: string): string {
  try {
    parseEgressRule(entry)
    return `has the entry "${entry}", which nothing can open: loopback, link-local, metadata and reserved addresses stay as they are`
  } catch {
    return `has the entry "${entry}", which is not an address range such as 10.20.0.0/16 or 10.20.0.0/16:5432`
  }
}

function endpointOf(entry: string): readonly [string, string] {
  const { key, url } = parseEndpointSetting(entry)
  return [key, url]
}

function cloudEndpointOf(entry: string): readonly [string, string] {
  const { key, url } = parseCloudEndpoint(entry)
  return [key, url]
}

export const environments = ['development', 'production', 'test'] as const

/** Everything that can be configured, in the order of the documentation. The configuration has the same keys. */
export const settings = {
  environment: setting({
    name: 'NODE_ENV',
    description:
      '`production` refuses or closes what is only good for trying things out. `test` is `development` for automated tests.',
    default: 'development',
    example: 'production',
    schema: oneOf(environments),
  }),
  port: setting({
    name: 'PORT',
    description: 'TCP port to listen on; 0 takes a free one.',
    default: '4000',
    example: '8080',
    schema: wholeNumber(0, 65_535),
  }),
  host: setting({
    name: 'HOST',
    description:
      'Address to listen on. Where `AUTH` has `none` it must be a loopback address, which other machines cannot reach.',
    default: '127.0.0.1',
    example: '::1',
    schema: text('must be an address').regex(/^[\w.:-]{1,253}$/, 'must be an IP address or a host name'),
  }),
  dataDirectory: setting({
    name: 'DATA_DIR',
    description: 'Directory of the database file and, in development, of the master key. Made when it does not exist.',
    default: './data',
    example: '/var/lib/patchbay',
    schema: text('must be a path').transform(path => resolve(path)),
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    description:
      "Patchbay's own database: `file:<path>` for SQLite, `postgres://…` for PostgreSQL. When it is not set, the file `patchbay.db` in `DATA_DIR`.",
    default: null,
    example: 'postgres://patchbay:password@db.internal:5432/patchbay',
    schema: z
      .string()
      .regex(/^(file:.|postgres(ql)?:\/\/.)/, 'must begin with file:, postgres:// or postgresql://')
      .transform(url => new HiddenText(url))
      .nullable(),
    hidden: true,
  }),
  masterKeyFile: setting({
    name: 'MASTER_KEY_FILE',
    description:
      'File with the key that protects all stored secrets: 32 random bytes in base64 or hex, readable for its owner only. Required in production; in development `master.key` in `DATA_DIR` is made when it is not set.',
    default: null,
    example: '/run/secrets/patchbay-master-key',
    schema: z
      .string()
      .transform(path => resolve(path))
      .nullable(),
  }),
  otherMasterKeyFiles: setting({
    name: 'MASTER_KEY_OTHER_FILES',
    description:
      'Further master keys, comma-separated files: what they protect can be read, and nothing new is protected by them. For the time of a rotation.',
    default: '',
    example: '/run/secrets/patchbay-master-key-2025',
    schema: list(
      path => resolve(path),
      entry => `has the entry "${entry}"`,
    ),
  }),
  secretStore: setting({
    name: 'SECRET_STORE',
    description:
      'Where new secrets of connectors are kept: `sealed` encrypts them in the database, `vault` keeps them in HashiCorp Vault or OpenBao. What lies in the other store stays readable; `npm run secrets:migrate` moves it.',
    default: 'sealed',
    example: 'vault',
    schema: oneOf(['sealed', 'vault']),
  }),
  vaultAddress: setting({
    name: 'VAULT_ADDR',
    description: 'Address of HashiCorp Vault (1.13 or newer) or OpenBao (2.2 or newer).',
    default: null,
    example: 'https://vault.internal:8200',
    schema: z
      .string()
      .refine(isOrigin, 'must be an address such as https://vault.internal:8200, without a path')
      .transform(url => new URL(url).origin)
      .nullable(),
  }),
  vaultClusterAddresses: setting({
    name: 'VAULT_CLUSTER_ADDRS',
    description:
      "Addresses of the cluster's servers, comma-separated, where a standby server redirects instead of forwarding. Redirects to other addresses are not followed.",
    default: '',
    example: 'https://vault-0.vault:8200, https://vault-1.vault:8200',
    schema: list(
      parseOrigin,
      entry => `has the entry "${entry}", which is not an address such as https://vault-0.vault:8200`,
    ),
  }),
  vaultNamespace: setting({
    name: 'VAULT_NAMESPACE',
    description:
      'Namespace of everything that Patchbay uses in Vault. `{workspace}` stands for the id of the workspace.',
    default: null,
    example: 'patchbay/{workspace}',
    schema: vaultPath.nullable(),
  }),
  vaultKvMount: setting({
    name: 'VAULT_KV_MOUNT',
    description: 'Where the KV secrets engine (version 2) is mounted.',
    default: 'secret',
    example: 'patchbay',
    schema: vaultPath,
  }),
  vaultKvPrefix: setting({
    name: 'VAULT_KV_PREFIX',
    description: 'First part of the paths in it, which go on with the ids of workspace, connector and version.',
    default: 'workspaces',
    example: 'patchbay/workspaces',
    schema: vaultPath,
  }),
  vaultCaFile: setting({
    name: 'VAULT_CACERT',
    description:
      "File with the certificates (PEM) by which Vault's own is verified, in the place of the well-known ones.",
    default: null,
    example: '/run/secrets/vault-ca.pem',
    schema: file.nullable(),
  }),
  vaultAuth: setting({
    name: 'VAULT_AUTH',
    description:
      "How Patchbay signs in to Vault, once for each workspace: `kubernetes` by the pod's service account, `approle` by a role id and secret id, `token` by tokens that somebody else keeps fresh.",
    default: 'kubernetes',
    example: 'approle',
    schema: oneOf(['kubernetes', 'approle', 'token']),
  }),
  vaultAuthMount: setting({
    name: 'VAULT_AUTH_MOUNT',
    description: 'Where that auth method is mounted; when it is not set, under its own name.',
    default: null,
    example: 'kubernetes-production',
    schema: vaultPath.nullable(),
  }),
  vaultRole: setting({
    name: 'VAULT_ROLE',
    description: 'For `kubernetes`: the role of a workspace. `{workspace}` stands for its id.',
    default: 'ws-{workspace}',
    example: 'patchbay-{workspace}',
    schema: text('must be a name').regex(
      /^(?=.{1,200}$)(?:[\w-]|\{workspace\})(?:[\w.-]|\{workspace\})*$/,
      'must be a name of letters, digits, ".", "-" and "_", with no braces but those of {workspace}',
    ),
  }),
  vaultJwtFile: setting({
    name: 'VAULT_JWT_FILE',
    description:
      "For `kubernetes`: the projected token of the pod's service account, with Vault's audience. Read anew for each sign-in.",
    default: '/var/run/secrets/patchbay/vault-token',
    example: '/var/run/secrets/tokens/vault',
    schema: file,
  }),
  vaultAppRoleFile: setting({
    name: 'VAULT_APPROLE_FILE',
    description:
      'For `approle`: JSON with `role_id` and `secret_id`. With `{workspace}` in the path each workspace has its own.',
    default: null,
    example: '/run/secrets/vault/{workspace}.json',
    schema: file.nullable(),
  }),
  vaultTokenFile: setting({
    name: 'VAULT_TOKEN_FILE',
    description: 'For `token`: the token. With `{workspace}` in the path each workspace has its own.',
    default: null,
    example: '/run/secrets/vault/{workspace}.token',
    schema: file.nullable(),
  }),
  ...authSettings,
  ...jwtSettings,
  egressAllow: setting({
    name: 'EGRESS_ALLOW',
    description:
      'Address ranges beyond the public internet that connectors may connect to: comma-separated `CIDR` or `CIDR:port`, IPv6 with a port as `[CIDR]:port`. A rule without a port leaves guarded ports such as 22 shut, and some addresses no rule opens. In development loopback and private ranges are open.',
    default: '',
    example: '10.20.0.0/16:5432, [2001:db8::]/32:5432',
    schema: list(keepRule, ruleFault),
  }),
  allowUnencrypted: setting({
    name: 'ALLOW_UNENCRYPTED',
    description: 'Whether connectors may connect to data sources without encryption.',
    default: { development: 'true', production: 'false' },
    example: 'true',
    schema: flag,
  }),
  allowedOrigins: setting({
    name: 'ALLOWED_ORIGINS',
    description:
      'Origins of web pages that may use the API from a browser: comma-separated. Without any, only pages of the server itself.',
    default: '',
    example: 'https://console.example.com',
    schema: list(
      parseOrigin,
      entry => `has the entry "${entry}", which is not an origin such as https://console.example.com`,
    ),
  }),
  ...introspectionSettings,
  awsIdentityFile: setting({
    name: 'AWS_IDENTITY_FILE',
    description:
      "File with Patchbay's own AWS identity, by which connectors may assume roles of other accounts: JSON with `AccessKeyId`, `SecretAccessKey`, `SessionToken` and `Expiration`, as a `credential_process` and `aws sts` print it. Readable for its owner only; read anew for each run.",
    default: null,
    example: '/run/secrets/patchbay-aws.json',
    schema: z
      .string()
      .transform(path => resolve(path))
      .nullable(),
  }),
  awsEndpoints: setting({
    name: 'AWS_ENDPOINTS',
    description:
      "Addresses in the place of AWS' own, such as those of VPC endpoints: comma-separated `service=https://host` or `service.region=https://host`. They must be open to connectors too (`EGRESS_ALLOW`); `http` needs `ALLOW_UNENCRYPTED`.",
    default: '',
    example: 'redshift.eu-west-1=https://vpce-0a1b.redshift.eu-west-1.vpce.amazonaws.com',
    schema: list(
      endpointOf,
      entry =>
        `has the entry "${entry}", which is not one such as sts=https://sts.example.com; services are ${awsServices.join(', ')}`,
    ).transform((entries): Readonly<Record<string, string>> => Object.fromEntries(entries)),
  }),
  cloudEndpoints: setting({
    name: 'CLOUD_ENDPOINTS',
    description:
      "Addresses in the place of those of Snowflake, Google Cloud and Databricks, such as private endpoints: comma-separated `host=https://host`, or `*.domain=https://host` for all hosts of a domain. Another server's certificate must be for its own name. They must be open to connectors too (`EGRESS_ALLOW`); `http` needs `ALLOW_UNENCRYPTED`.",
    default: '',
    example: 'bigquery.googleapis.com=https://bigquery-private.p.googleapis.com',
    schema: list(
      cloudEndpointOf,
      entry =>
        `has the entry "${entry}", which is not one such as bigquery.googleapis.com=https://bigquery.example.com`,
    ).transform((entries): Readonly<Record<string, string>> => Object.fromEntries(entries)),
  }),
  allowCustomEndpoints: setting({
    name: 'ALLOW_CUSTOM_ENDPOINTS',
    description:
      'Whether connectors to S3 may name a server of their own instead of AWS, such as MinIO, and those to Databricks a host outside of its own domains, which is then given the credentials. It must be open to connectors too (`EGRESS_ALLOW`).',
    default: { development: 'true', production: 'false' },
    example: 'true',
    schema: flag,
  }),
  docsUrl: setting({
    name: 'DOCS_URL',
    description:
      'Address under which the pages of `docs/` are published; problems and connector types then link to them.',
    default: null,
    example: 'https://docs.example.com/patchbay',
    schema: z
      .string()
      .regex(/^https?:\/\/[^\s?#]+$/, 'must be an address that begins with http:// or https://, without ? and #')
      .transform(url => url.replace(/\/+$/, ''))
      .nullable(),
  }),
  testConcurrency: setting({
    name: 'TEST_CONCURRENCY',
    description:
      'How many connection tests run at once, each in a process of its own (about 100 MB), with one process more for previews. One workspace gets all but one; further tests are refused with the time to wait.',
    default: '4',
    example: '8',
    schema: wholeNumber(1, 64),
  }),
  testRate: setting({
    name: 'TEST_RATE',
    description:
      'How many connection tests one workspace may start in a minute, and as many previews and lists together beside them; as many at once after a minute of rest. Each process counts for itself.',
    default: '60',
    example: '20',
    schema: wholeNumber(1, 10_000),
  }),
  ...limitSettings,
  simulator: setting({
    name: 'SIMULATOR',
    description:
      'Whether the connector type Simulator can be used, with which frontends are built and tested. It crashes processes and burns processor time on demand: not for where others rely on this server.',
    default: { development: 'true', production: 'false' },
    example: 'true',
    schema: flag,
  }),
  logLevel: setting({
    name: 'LOG_LEVEL',
    description: 'The least serious kind of event to log, as one line of JSON on the standard output.',
    default: 'info',
    example: 'debug',
    schema: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  }),
}
