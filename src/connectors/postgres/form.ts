import { z } from 'zod'
import { awsIamSignIn } from '../blocks/aws-iam-sign-in.ts'
import { limitsBlock } from '../blocks/limits.ts'
import { hostField, portField } from '../blocks/server-fields.ts'
import { checkSshTunnel, sshTunnelBlock } from '../blocks/ssh-tunnel.ts'
import { checkTls, tlsBlock } from '../blocks/tls.ts'
import { alternatives, defineForm, type FormValue, field, secret } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'

/** Text that PostgreSQL takes as a name. Spaces at its ends are part of it. */
const name = z.string().min(1).max(128).check(judgedBy(nulIssue))

const username = field(name, { label: 'User name', help: 'The role to sign in as. Best is one that can only read.' })

/** The form of a connector to PostgreSQL or a server that speaks its protocol. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection' },
    { id: 'auth', label: 'Sign-in' },
    { id: 'encryption', label: 'Encryption' },
    { id: 'tunnel', label: 'SSH tunnel' },
    { id: 'scope', label: 'Scope' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    host: hostField(
      'The name or IP address of the server; behind an SSH tunnel as the SSH server knows it.',
      'db.example.com',
    ),
    port: portField(5432, 'The TCP port that the server or its pooler listens on.'),
    database: field(name.default('postgres'), {
      label: 'Database',
      help: 'The database to read, with upper and lower case as it was created.',
      section: 'connection',
      liveOptions: {},
    }),
    auth: alternatives(
      {
        password: {
          label: 'User name and password',
          fields: {
            username,
            password: secret(z.string().min(1).max(4096).check(judgedBy(nulIssue)), {
              label: 'Password',
              help: 'Sent exactly as typed, spaces included.',
            }),
          },
        },
        clientCertificate: {
          label: 'Client certificate',
          help: 'Uses the client certificate and key of the encryption settings.',
          fields: { username },
        },
        awsIam: awsIamSignIn(username),
      },
      { label: 'Sign-in', help: 'How the server knows who connects.', section: 'auth', typeName: 'PostgresAuth' },
    ),
    // Defaults for whole blocks, so that a minimal configuration need not name them.
    tls: tlsBlock.prefault({ clientKey: undefined, clientKeyPassphrase: undefined }),
    sshTunnel: sshTunnelBlock.optional(),
    schemas: field(z.array(name).max(100).default([]), {
      label: 'Schemas',
      help: 'The schemas to work with. Leave empty for every schema that the account can read.',
      section: 'scope',
      liveOptions: { needs: ['database'] },
    }),
    limits: limitsBlock.prefault({}),
  },
  check: (value, report) => {
    checkTls(value.tls, 'tls', report)
    checkSshTunnel(value.sshTunnel, report)
    if (value.auth.clientCertificate && value.tls.clientCertificate === undefined) {
      report(['tls', 'clientCertificate'], 'Signing in by certificate needs the client certificate and its key.')
    }
    if (value.auth.clientCertificate && value.tls.mode === 'DISABLE') {
      report(['tls', 'mode'], 'Signing in by certificate needs an encrypted connection.')
    }
    if (value.auth.awsIam && value.tls.mode !== 'VERIFY_FULL') {
      report(['tls', 'mode'], 'An AWS IAM token is sent only to a fully verified server.')
    }
  },
})

export type PostgresConfig = FormValue<typeof form>
