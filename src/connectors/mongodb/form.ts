import { isIP } from 'node:net'
import { z } from 'zod'
import { limitsBlock } from '../blocks/limits.ts'
import { endpointName } from '../blocks/ssh-tunnel.ts'
import { checkTls, tlsBlock } from '../blocks/tls.ts'
import { alternatives, block, choice, defineForm, type FormValue, field, type ReportIssue, secret } from '../form.ts'
import { hostIssue } from '../network/host-name.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'

/** MongoDB has no longer names of databases. */
const databaseName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^/\\. "$]+$|^\$external$/, 'A database name has no spaces, dots, slashes, quotes or dollar signs.')
  .check(judgedBy(nulIssue))

/** SRV records belong to names; an address has none. */
function srvHostIssue(host: string): string | null {
  if (/^mongodb(\+srv)?:\/\//i.test(host)) return 'Give only the host name, without "mongodb+srv://".'
  const issue = hostIssue(host)
  if (issue !== null) return issue
  if (isIP(host)) return 'Give a name: an IP address has no SRV records. It belongs into the list of hosts.'
  return host.replace(/\.$/, '').includes('.') ? null : 'Give the whole name, such as "cluster0.example.mongodb.net".'
}

const maxHosts = 20

/** The form of a connector to MongoDB or a server that speaks its protocol. Never made from a connection string. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection', help: 'Give either hosts, or one SRV name that stands for them.' },
    { id: 'auth', label: 'Sign-in' },
    { id: 'encryption', label: 'Encryption' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    hosts: field(
      z
        .array(
          block(
            {
              host: field(z.string().check(judgedBy(hostIssue)), {
                label: 'Host',
                help: 'The name or IP address of a server.',
                placeholder: 'db1.example.com',
              }),
              port: field(z.int().min(1).max(65_535).default(27_017), {
                label: 'Port',
                help: 'The TCP port that the server listens on.',
              }),
            },
            { label: 'Server', help: 'One server of the deployment.', typeName: 'MongodbHost' },
          ),
        )
        .max(maxHosts)
        .default([]),
      {
        label: 'Hosts',
        help: 'A single server, some members of a replica set, or the routers (mongos) of a sharded cluster.',
        section: 'connection',
        destination: true,
      },
    ),
    srvHost: field(z.string().check(judgedBy(srvHostIssue)).optional(), {
      label: 'SRV name',
      help: 'The name behind "mongodb+srv://": DNS says which servers it stands for.',
      placeholder: 'cluster0.example.mongodb.net',
      section: 'connection',
      destination: true,
    }),
    replicaSet: field(z.string().min(1).max(128).check(judgedBy(nulIssue)).optional(), {
      label: 'Replica set',
      help: 'The name that the replica set must have. Leave empty to take what the servers say.',
      section: 'connection',
    }),
    readPreference: choice(
      {
        PRIMARY: { label: 'Primary', help: 'Reads from the primary only.' },
        PRIMARY_PREFERRED: { label: 'Primary preferred', help: 'Reads from a secondary while there is no primary.' },
        SECONDARY: { label: 'Secondary', help: 'Reads from a secondary only.' },
        SECONDARY_PREFERRED: { label: 'Secondary preferred', help: 'Reads from the primary if there is no secondary.' },
        NEAREST: { label: 'Nearest', help: 'Reads from the member that answers first.' },
      },
      {
        label: 'Read preference',
        help: 'Which members of a replica set are read from.',
        section: 'connection',
        typeName: 'MongodbReadPreference',
        advanced: true,
      },
    ).default('PRIMARY'),
    auth: alternatives(
      {
        scram: {
          label: 'User name and password',
          help: 'SCRAM with SHA-256 or SHA-1, as the server has it for this account.',
          fields: {
            username: field(z.string().min(1).max(256).check(judgedBy(nulIssue)), {
              label: 'User name',
              help: 'The account to sign in as. Best is one that can only read.',
            }),
            password: secret(z.string().min(1).max(4096).check(judgedBy(nulIssue)), {
              label: 'Password',
              help: 'Never sent: the server is shown that it is known.',
            }),
          },
        },
        x509: {
          label: 'Client certificate (X.509)',
          help: 'Uses the client certificate and key of the encryption settings; its subject is the user name.',
          fields: {},
        },
        none: {
          label: 'No sign-in',
          help: 'Only for servers without access control.',
          fields: {},
        },
      },
      { label: 'Sign-in', help: 'How the server knows who connects.', section: 'auth', typeName: 'MongodbAuth' },
    ),
    authSource: field(databaseName.default('admin'), {
      label: 'Authentication database',
      help: 'The database in which the account was created. A wrong one looks like a wrong password.',
      visibleWhen: { field: 'auth', equals: 'scram' },
      section: 'auth',
    }),
    tls: tlsBlock.prefault({ clientKey: undefined, clientKeyPassphrase: undefined }),
    limits: limitsBlock.prefault({}),
  },
  check: (value, report) => {
    checkServers(value, report)
    checkTls(value.tls, 'tls', report)
    if (!value.auth.x509) return
    if (value.tls.clientCertificate === undefined) {
      report(['tls', 'clientCertificate'], 'Signing in by certificate needs the client certificate and its key.')
    }
    if (value.tls.mode === 'DISABLE') {
      report(['tls', 'mode'], 'Signing in by certificate needs an encrypted connection.')
    }
  },
})

interface Servers {
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly srvHost?: string | undefined
}

function checkServers({ hosts, srvHost }: Servers, report: ReportIssue): void {
  if (hosts.length === 0 && srvHost === undefined) report(['hosts'], 'Give at least one host, or an SRV name.')
  if (hosts.length > 0 && srvHost !== undefined) report(['srvHost'], 'Give either hosts or an SRV name, not both.')
  const names = hosts.map(endpointName)
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) report(['hosts', index, 'host'], `${name} is in the list already.`)
  }
}

export type MongodbConfig = FormValue<typeof form>
