import { z } from 'zod'
import { limitsBlock } from '../blocks/limits.ts'
import { openKey, privateKeyText } from '../blocks/private-key-text.ts'
import { proxyAuthoritiesField } from '../blocks/proxy-authorities.ts'
import { tokenUrlText } from '../blocks/token-url.ts'
import { alternatives, defineForm, type FormValue, field, type ReportIssue, secret } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'
import { accountIssue } from './account.ts'

/** A name as Snowflake shows it. Case counts where it was made with quotes: it is never folded. */
export const objectName = z.string().min(1).max(255).check(judgedBy(nulIssue))

const plain = z
  .string()
  .min(1)
  .max(8192)
  .regex(/^[\x21-\x7e]+$/, 'Remove the characters that no token has.')

/** The form of a connector to Snowflake. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection' },
    { id: 'auth', label: 'Sign-in' },
    { id: 'scope', label: 'Scope' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    account: field(z.string().max(255).check(judgedBy(accountIssue)), {
      label: 'Account identifier',
      help: 'Organization and account with a hyphen between, as in the address of your account before ".snowflakecomputing.com".',
      placeholder: 'myorg-account123',
      section: 'connection',
      destination: true,
    }),
    username: field(z.string().min(1).max(255).check(judgedBy(nulIssue)), {
      label: 'User name',
      help: 'The login name of a user for programs. Best is one that can only read.',
      section: 'auth',
    }),
    auth: alternatives(
      {
        keyPair: {
          label: 'Key pair (recommended)',
          help: 'A private key whose public half is registered for the user.',
          fields: {
            privateKey: secret(privateKeyText, {
              label: 'Private key',
              help: 'PEM text of an RSA key of 2048 bits or more, with or without a passphrase.',
              placeholder: '-----BEGIN PRIVATE KEY-----',
              multiline: true,
            }),
            passphrase: secret(z.string().min(1).max(1024).optional(), {
              label: 'Passphrase of the key',
              help: 'Only when the key is encrypted.',
            }),
          },
        },
        accessToken: {
          label: 'Programmatic access token',
          help: 'A token that was made for the user. Snowflake takes it only from users under a network policy.',
          fields: {
            token: secret(plain, { label: 'Token', help: 'The secret of the token, as shown when it was made.' }),
          },
        },
        oauthClientCredentials: {
          label: 'OAuth client credentials',
          help: 'A client of your identity provider, which Snowflake trusts by a security integration.',
          fields: {
            clientId: field(z.string().min(1).max(512).check(judgedBy(nulIssue)), {
              label: 'Client id',
              help: 'Which client it is; not a secret by itself.',
            }),
            clientSecret: secret(z.string().min(1).max(4096), {
              label: 'Client secret',
              help: 'It belongs to the client id.',
            }),
            tokenUrl: field(tokenUrlText.optional(), {
              label: 'Token URL',
              help: 'Where your identity provider gives out tokens. Leave empty for Snowflake itself.',
              placeholder: 'https://login.example.com/oauth2/v2.0/token',
              destination: true,
            }),
            scope: field(
              z
                .string()
                .min(1)
                .max(2048)
                .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, 'Give names with spaces between.')
                .optional(),
              {
                label: 'Scope',
                help: 'What the token is asked for. Leave empty for "session:role:" and the role.',
                placeholder: 'session:role:ANALYST',
              },
            ),
          },
        },
        password: {
          label: 'Password (deprecated)',
          help: 'Snowflake is ending sign-ins by password alone: use a key pair.',
          fields: {
            password: secret(z.string().min(1).max(256).check(judgedBy(nulIssue)), {
              label: 'Password',
              help: 'Sent exactly as typed, spaces included.',
            }),
          },
        },
      },
      { label: 'Sign-in', help: 'How Snowflake knows who connects.', section: 'auth', typeName: 'SnowflakeAuth' },
    ),
    role: field(objectName.optional(), {
      label: 'Role',
      help: "The role whose rights are used; no secondary ones are. Leave empty for the user's default role.",
      placeholder: 'ANALYST',
      section: 'scope',
      liveOptions: {},
    }),
    warehouse: field(objectName, {
      label: 'Warehouse',
      help: 'Queries run on it, and it is what they cost.',
      placeholder: 'REPORTING',
      section: 'scope',
      liveOptions: { standIn: 'NOT_CHOSEN_YET' },
    }),
    database: field(objectName.optional(), {
      label: 'Database',
      help: 'The database to read. Leave empty for all that the role can read.',
      section: 'scope',
      liveOptions: {},
    }),
    schema: field(objectName.optional(), {
      label: 'Schema',
      help: 'The schema in which tables are looked for that a statement names without one.',
      section: 'scope',
      visibleWhen: { field: 'database', isSet: true },
      liveOptions: { needs: ['database'] },
    }),
    caCertificates: proxyAuthoritiesField,
    limits: limitsBlock.prefault({}),
  },
  check: ({ auth }, report) => checkKeyPair(auth.keyPair, report),
})

export type SnowflakeConfig = FormValue<typeof form>

/** Snowflake takes RSA keys alone, of 2048 bits or more. */
function checkKeyPair(
  keyPair: { readonly privateKey: string; readonly passphrase: string | undefined } | undefined,
  report: ReportIssue,
): void {
  if (!keyPair) return
  const at = (name: string) => ['auth', 'keyPair', name]
  const key = openKey(keyPair.privateKey, keyPair.passphrase, 'private key')
  if (key === null) return
  if ('field' in key) {
    report(at(key.field === 'key' ? 'privateKey' : 'passphrase'), key.message)
    return
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) {
    report(at('privateKey'), 'Snowflake takes RSA keys of 2048 bits or more: make a new pair.')
  }
}
