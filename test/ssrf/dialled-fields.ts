/** A form field with the host that a driver dials. */
export interface DialledField {
  /** As `FormField.path` has it: the host of a list's first item stands for those of all. */
  readonly path: string
  /** A valid form's input in which the field, and the port beside it, have these values. */
  input(host: string, port: number): unknown
  /** Whether the form has no port: it is 443, unless the operator has put another one in its place. */
  readonly hasFixedPort?: boolean
}

/** Of the types with one server, which may lie behind an SSH server. */
const oneServer: readonly DialledField[] = [
  {
    path: 'host',
    input: (host, port) => ({ host, port, auth: { password: { username: 'ann', password: 'pw' } } }),
  },
  {
    path: 'sshTunnel.host',
    input: (host, port) => ({
      host: 'db.internal',
      auth: { password: { username: 'ann', password: 'pw' } },
      sshTunnel: { host, port, username: 'ann', auth: { password: { password: 'pw' } } },
    }),
  },
]

/** For each type the fields whose hosts it dials; null for a type whose form has none. */
export const dialledFields: Readonly<Record<string, readonly DialledField[] | null>> = {
  POSTGRES: oneServer,
  MYSQL: oneServer,
  // The hosts of AWS follow from the region, which is no host.
  REDSHIFT: oneServer,
  MONGODB: [
    {
      path: 'hosts.*.host',
      input: (host, port) => ({
        hosts: [{ host, port }],
        auth: { scram: { username: 'ann', password: 'pw' } },
      }),
    },
  ],
  // The region alone decides which of AWS' hosts are dialled.
  ATHENA: null,
  // A server in the place of AWS: where the operator allows such, its host is dialled as any other.
  S3: [
    {
      path: 'endpoint',
      input: (host, port) => ({
        bucket: 'sales',
        region: 'eu-west-1',
        credentials: { accessKey: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'pw' } },
        endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      }),
    },
  ],
  // Google's own hosts, whatever the key of the form says of others.
  BIGQUERY: null,
  DATABRICKS: [
    {
      path: 'host',
      hasFixedPort: true,
      input: host => ({
        host,
        httpPath: '/sql/1.0/warehouses/abcdef0123456789',
        auth: { accessToken: { token: 'pw' } },
      }),
    },
  ],
  // The account's own host follows from its identifier. Where tokens come from is anybody's.
  SNOWFLAKE: [
    {
      path: 'auth.oauthClientCredentials.tokenUrl',
      input: (host, port) => ({
        account: 'myorg-account',
        username: 'ann',
        warehouse: 'COMPUTE_WH',
        auth: {
          oauthClientCredentials: {
            clientId: 'patchbay',
            clientSecret: 'pw',
            tokenUrl: httpsUrl(host, port, '/token'),
          },
        },
      }),
    },
  ],
  HTTP_API: [
    {
      path: 'baseUrl',
      input: (host, port) => ({ baseUrl: httpsUrl(host, port, '/v1'), auth: { bearer: { token: 'pw' } } }),
    },
    {
      path: 'auth.oauthClientCredentials.tokenUrl',
      input: (host, port) => ({
        baseUrl: 'https://api.example.com',
        auth: {
          oauthClientCredentials: {
            clientId: 'patchbay',
            clientSecret: 'pw',
            tokenUrl: httpsUrl(host, port, '/token'),
          },
        },
      }),
    },
  ],
  SIMULATOR: null,
}

const httpsUrl = (host: string, port: number, path: string) =>
  `https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`

/** Fields with a name that is not dialled itself: DNS says by SRV records which hosts and ports it stands for. */
export const srvNameFields: Readonly<Record<string, readonly DialledField[]>> = {
  MONGODB: [
    {
      path: 'srvHost',
      input: srvHost => ({ srvHost, auth: { scram: { username: 'ann', password: 'pw' } } }),
    },
  ],
}
