import { z } from 'zod'
import { awsIamSignIn } from '../blocks/aws-iam-sign-in.ts'
import { limitsBlock } from '../blocks/limits.ts'
import { hostField, portField } from '../blocks/server-fields.ts'
import { checkSshTunnel, sshTunnelBlock } from '../blocks/ssh-tunnel.ts'
import { checkTls, tlsBlock } from '../blocks/tls.ts'
import { alternatives, defineForm, type FormValue, field, secret } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'

const username = field(z.string().min(1).max(128).check(judgedBy(nulIssue)), {
  label: 'User name',
  help: 'The account to sign in as, without the host part. Best is one that can only read.',
})

/** Both are UTF-8: what a statement means must not depend on how its bytes are read. */
const charsets = ['utf8mb4', 'utf8mb3']

/** The form of a connector to MySQL, MariaDB or a server that speaks their protocol. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection' },
    { id: 'auth', label: 'Sign-in' },
    { id: 'encryption', label: 'Encryption' },
    { id: 'tunnel', label: 'SSH tunnel' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    host: hostField(
      'The name or IP address of the server; behind an SSH tunnel as the SSH server knows it.',
      'db.example.com',
    ),
    port: portField(3306, 'The TCP port that the server or its proxy listens on.'),
    database: field(z.string().min(1).max(64).check(judgedBy(nulIssue)).optional(), {
      label: 'Database',
      help: 'The database (schema) to read. Leave empty for all that the account can read.',
      placeholder: 'shop',
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
        awsIam: awsIamSignIn(username),
      },
      { label: 'Sign-in', help: 'How the server knows who connects.', section: 'auth', typeName: 'MysqlAuth' },
    ),
    // Defaults for whole blocks, so that a minimal configuration need not name them.
    tls: tlsBlock.prefault({ clientKey: undefined, clientKeyPassphrase: undefined }),
    charset: field(
      z
        .string()
        .refine(value => charsets.includes(value), { error: `Give one of ${charsets.join(', ')}.` })
        .default('utf8mb4'),
      {
        label: 'Character set',
        help: 'Of the connection: "utf8mb4", or "utf8mb3" for servers that are too old for it.',
        section: 'connection',
        advanced: true,
      },
    ),
    sshTunnel: sshTunnelBlock.optional(),
    limits: limitsBlock.prefault({}),
  },
  check: (value, report) => {
    checkTls(value.tls, 'tls', report)
    checkSshTunnel(value.sshTunnel, report)
    if (value.auth.awsIam && value.tls.mode !== 'VERIFY_FULL') {
      report(['tls', 'mode'], 'An AWS IAM token is sent only to a fully verified server.')
    }
  },
})

export type MysqlConfig = FormValue<typeof form>
