import { z } from 'zod'
import { limitsBlock } from '../blocks/limits.ts'
import { proxyAuthoritiesField } from '../blocks/proxy-authorities.ts'
import { alternatives, defineForm, type FormValue, field, secret } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'
import { workspaceHostIssue } from './host.ts'
import { httpPathIssue } from './http-path.ts'

/** A name as Databricks shows it, without quotes. */
export const objectName = z.string().min(1).max(255).check(judgedBy(nulIssue))

const printable = /^[\x21-\x7e]+$/

/** The form of a connector to Databricks SQL. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'Connection' },
    { id: 'auth', label: 'Sign-in' },
    { id: 'scope', label: 'Scope' },
    { id: 'limits', label: 'Limits' },
  ],
  fields: {
    host: field(z.string().max(300).check(judgedBy(workspaceHostIssue)), {
      label: 'Server hostname',
      help: "The workspace's host name, from the connection details of the SQL warehouse or cluster.",
      placeholder: 'adb-1234567890123456.7.azuredatabricks.net',
      section: 'connection',
      destination: true,
    }),
    httpPath: field(z.string().max(300).check(judgedBy(httpPathIssue)), {
      label: 'HTTP path',
      help: 'Which SQL warehouse or cluster runs the queries, from its connection details.',
      placeholder: '/sql/1.0/warehouses/0123456789abcdef',
      section: 'connection',
      destination: true,
      liveOptions: { standIn: '/sql/1.0/warehouses/0000000000000000' },
    }),
    auth: alternatives(
      {
        oauthM2m: {
          label: 'OAuth of a service principal (recommended)',
          help: 'A service principal that may read, with a secret of its own. Tokens are short-lived.',
          fields: {
            clientId: field(
              z.string().min(1).max(200).regex(printable, 'Give the application id of the service principal.'),
              {
                label: 'Client id',
                help: 'The application id of the service principal.',
              },
            ),
            clientSecret: secret(
              z.string().min(1).max(1024).regex(printable, 'Remove the characters that no secret has.'),
              {
                label: 'OAuth secret',
                help: 'A secret of that service principal.',
              },
            ),
          },
        },
        accessToken: {
          label: 'Personal access token',
          help: 'A token of a user or service principal; it does what its owner may.',
          fields: {
            token: secret(z.string().min(1).max(8192).regex(printable, 'Remove the characters that no token has.'), {
              label: 'Token',
              help: 'As shown when it was made; it begins with "dapi".',
            }),
          },
        },
      },
      { label: 'Sign-in', help: 'How Databricks knows who asks.', section: 'auth', typeName: 'DatabricksAuth' },
    ),
    catalog: field(objectName.optional(), {
      label: 'Catalog',
      help: 'The catalog to read. Leave empty for the default one of the workspace.',
      placeholder: 'main',
      section: 'scope',
      liveOptions: {},
    }),
    schema: field(objectName.optional(), {
      label: 'Schema',
      help: 'The schema in which tables are looked for that a statement names without one.',
      placeholder: 'default',
      section: 'scope',
      liveOptions: { needs: ['catalog'] },
    }),
    caCertificates: proxyAuthoritiesField,
    limits: limitsBlock.prefault({}),
  },
})

export type DatabricksConfig = FormValue<typeof form>
