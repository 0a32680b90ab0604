import type { JsonValue } from '../json.ts'
import { type ProblemCode, problemTable } from '../problem-table.ts'
import type { SimulatorConfig } from './form.ts'
import { usernameOf } from './samples.ts'

type Params = { readonly [name: string]: JsonValue }

const ssh = { host: 'ssh.example.com', port: 22 } as const

/** Words that fit into the message of every problem that has a place for them. */
const samples: Params = {
  account: 'myorg-account123',
  action: 'redshift:GetClusterCredentials',
  catalog: 'main',
  count: 5,
  columns: 'discount, note',
  database: 'simulated',
  domain: 'example.com',
  encoding: 'compress',
  expected: 'PostgreSQL',
  fault: 'it announced a message of 2 GiB where a short one belongs',
  first: 'sales/2026/january.csv',
  format: 'CSV',
  found: 'a web server',
  issuer: 'Simulated Root CA',
  key: 'sales/2026/orders.csv',
  keyType: 'ssh-ed25519',
  limit: '8 MiB',
  location: 's3://athena-results/',
  method: 'GSSAPI',
  megabytes: 16,
  methods: 'publickey, hostbased',
  name: 'simulated',
  names: '"other.example.com"',
  options: 'loadBalanced',
  origin: 'https://api.example.com',
  path: '/orders',
  pattern: 'sales/2026/*.csv',
  plugin: 'auth_gssapi_client',
  prefix: 'sales/',
  project: 'my-project-123456',
  record: '_mongodb._tcp.db.example.com',
  region: 'eu-west-1',
  required: '4.4',
  rights: 'INSERT, UPDATE, DELETE on 3 tables',
  role: 'arn:aws:iam::111122223333:role/patchbay',
  schema: 'sales',
  status: 503,
  service: 'redshift.eu-west-1.amazonaws.com',
  storageClass: 'GLACIER',
  target: 'db.other.example',
  tunnel: ssh.host,
  validFrom: '2026-01-01T00:00:00.000Z',
  validTo: '2027-01-01T00:00:00.000Z',
  wanted: 'the primary',
  warehouse: 'REPORTING',
  weakness: 'its RSA key has 1024 bits',
  what: 'cluster',
  which: "The server's certificate",
}

const shown = 'SHA256:c2ltdWxhdGVkIGhvc3Qga2V5IHRoYXQgaXMgc2hvd24'

/** What the codes of HTTP have in common. */
const http = { method: 'GET' } as const
const elsewhere = { ...http, location: 'https://login.example.com/start' } as const

/** Where the same place means something else, or the host is the one of the SSH server. */
const samplesOf: { readonly [K in ProblemCode]?: Params } = {
  WAREHOUSE_CANNOT_START: { reason: 'the cloud has no machines of this size left' },
  TUNNEL_HANDSHAKE_FAILED: ssh,
  TUNNEL_CLOSED: ssh,
  TUNNEL_TIMED_OUT: ssh,
  TUNNEL_HOST_KEY_UNKNOWN: { ...ssh, found: shown },
  TUNNEL_HOST_KEY_CHANGED: { ...ssh, found: shown, expected: 'SHA256:c2ltdWxhdGVkIGhvc3Qga2V5IGFzIGl0IHdhcyBvbmN' },
  TUNNEL_KEY_UNREADABLE: ssh,
  TUNNEL_CREDENTIALS_REJECTED: ssh,
  TUNNEL_AUTH_METHOD_UNSUPPORTED: ssh,
  TLS_CERTIFICATE_UNUSABLE: { reason: 'its key or its times cannot be read' },
  TLS_HANDSHAKE_FAILED: { reason: 'it ended the connection' },
  CLIENT_KEY_UNUSABLE: { reason: 'the key does not belong to the certificate' },
  SERVER_TOO_NEW: { supported: '8.2' },
  QUERY_NOT_READ_ONLY: { reason: 'tried to change something' },
  CONNECTOR_HOST_FAILED: { reason: 'it crashed' },
  SECRET_STORE_UNAVAILABLE: { reason: 'the secret store is sealed' },
  SECRET_UNREADABLE: { reason: 'they are missing from the secret store' },
  LISTING_UNSUPPORTED: { reason: 'the field has no values to choose from' },
  CATALOG_PATH_NOT_FOUND: { what: 'schema' },
  HTTP_UNAUTHORIZED: { ...http, status: 401 },
  HTTP_FORBIDDEN: { ...http, status: 403 },
  HTTP_NOT_FOUND: { ...http, status: 404 },
  HTTP_TOO_MANY_REQUESTS: { ...http, status: 429 },
  HTTP_SERVER_ERROR: http,
  HTTP_STATUS_UNEXPECTED: { ...http, status: 204, expected: 200 },
  HTTP_TIMED_OUT: http,
  ANSWER_IS_WEB_PAGE: http,
  ANSWER_NOT_JSON: { ...http, fault: 'it ends too early' },
  ANSWER_TOO_LARGE: http,
  ANSWER_NOT_UNPACKABLE: http,
  REDIRECT_REFUSED: elsewhere,
  REDIRECT_OFF_ORIGIN: elsewhere,
  TOO_MANY_REDIRECTS: http,
  RECORDS_NOT_FOUND: { ...http, fault: 'nothing is at $.data' },
  PAGES_REPEAT: { fault: 'a cursor came that had come before' },
}

/** What stands in the message of a problem: from the form where it knows, else a sample. */
export function sampleParams(code: ProblemCode, config: SimulatorConfig, seconds: number): Params {
  const { host, port } = config
  const form = { host, port, seconds, subject: `CN=${host}`, username: usernameOf(config) }
  const known: Params = { ...samples, ...form, ...samplesOf[code] }
  const names = [...problemTable[code].message.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  return Object.fromEntries(names.flatMap(name => (known[name] === undefined ? [] : [[name, known[name]]])))
}
