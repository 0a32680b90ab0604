import { z } from 'zod'
import { checkTls, tlsBlock } from '../blocks/tls.ts'
import { tokenUrlText } from '../blocks/token-url.ts'
import { alternatives, block, choice, defineForm, type FormValue, field, secret } from '../form.ts'
import { judgedBy } from '../text-checks.ts'
import { baseUrlIssue } from './base-url.ts'
import { headerNameIssue, headerValueIssue } from './header-name.ts'
import { parameters } from './parameters-field.ts'
import { pathIssue } from './path-text.ts'

const headerName = z.string().min(1).max(200).check(judgedBy(headerNameIssue))

/** For secrets, whose text no message may show. */
const secretText = (message: string) =>
  z
    .string()
    .min(1)
    .max(8_192)
    .refine(text => headerValueIssue(text) === null, message)
const oneLine = 'Give one line of text, without spaces around it.'

const auth = alternatives(
  {
    none: { label: 'None', help: 'The API answers everybody.', fields: {} },
    basic: {
      label: 'User name and password',
      help: 'HTTP Basic.',
      fields: {
        username: field(
          z
            .string()
            .min(1)
            .max(500)
            .refine(text => !text.includes(':'), 'A user name cannot hold a colon.'),
          {
            label: 'User name',
            help: 'Of the account that reads. It is no secret: a key that stands alone is better given as an API key, for the header "Authorization" and with "Basic " in front.',
          },
        ),
        password: secret(z.string().min(1).max(8_192).optional(), {
          label: 'Password',
          help: 'Leave empty where the API wants none.',
        }),
      },
    },
    bearer: {
      label: 'Bearer token',
      help: 'A token in the header Authorization.',
      fields: { token: secret(secretText(oneLine), { label: 'Token', help: 'Without the word "Bearer".' }) },
    },
    apiKey: {
      label: 'API key',
      help: 'A key in a header or a parameter of the API.',
      fields: {
        name: field(z.string().min(1).max(200), {
          label: 'Name',
          help: 'The name of the header or parameter.',
          placeholder: 'X-API-Key',
          destination: true,
        }),
        in: choice(
          {
            HEADER: { label: 'Header', help: 'Recommended: URLs are logged on the way, headers are not.' },
            QUERY: { label: 'Parameter of the URL', help: 'For APIs that take it nowhere else.' },
          },
          { label: 'Where', help: 'Where the API looks for the key.', typeName: 'HttpApiKeyPlace', destination: true },
        ).default('HEADER'),
        value: secret(secretText(oneLine), {
          label: 'Key',
          help: 'With the word in front of it that some APIs want, such as "Token".',
        }),
      },
    },
    oauthClientCredentials: {
      label: 'OAuth client credentials',
      help: 'An identity provider gives out a token for each run.',
      fields: {
        tokenUrl: field(tokenUrlText, {
          label: 'Token URL',
          help: 'Where the identity provider gives out tokens.',
          placeholder: 'https://login.example.com/oauth2/token',
          destination: true,
        }),
        clientId: field(z.string().min(1).max(500), {
          label: 'Client id',
          help: 'As the identity provider knows the client.',
        }),
        clientSecret: secret(z.string().min(1).max(8_192), {
          label: 'Client secret',
          help: 'Sent to the token URL and nowhere else.',
        }),
        scopes: field(z.string().min(1).max(2_000).optional(), {
          label: 'Scopes',
          help: 'Names with spaces between them, as the API documents them. Ask for reading only.',
          placeholder: 'orders.read',
        }),
        audience: field(z.string().min(1).max(2_000).optional(), {
          label: 'Audience',
          help: 'Only where the identity provider wants to know which API the token is for.',
          advanced: true,
        }),
        clientAuthentication: choice(
          {
            HEADER: { label: 'Header', help: 'HTTP Basic, as every identity provider has to understand.' },
            BODY: { label: 'Body', help: 'For identity providers that do not understand HTTP Basic all the same.' },
          },
          {
            label: 'How the client signs in',
            help: 'Where the client secret stands in the request for a token.',
            typeName: 'HttpClientAuthentication',
            advanced: true,
          },
        ).default('HEADER'),
      },
    },
  },
  { label: 'Authentication', help: 'Who asks.', typeName: 'HttpAuth', section: 'auth' },
)

/** The form of a connector to any HTTP API that answers in JSON. */
export const form = defineForm({
  sections: [
    { id: 'connection', label: 'API' },
    { id: 'auth', label: 'Authentication' },
    { id: 'probe', label: 'Test', help: 'What a test asks for to see that the API answers.' },
    { id: 'requests', label: 'Requests', help: 'What every request carries, and how the API is treated.' },
    { id: 'encryption', label: 'Encryption' },
  ],
  fields: {
    baseUrl: field(z.string().max(2_048).check(judgedBy(baseUrlIssue)), {
      label: 'Base URL',
      help: 'What the addresses of all requests begin with.',
      placeholder: 'https://api.example.com/v1',
      section: 'connection',
      destination: true,
    }),
    auth,
    probe: block(
      {
        path: field(z.string().min(1).max(2_000).check(judgedBy(pathIssue)).default('/'), {
          label: 'Path',
          help: 'Follows the base URL. It should be quick, need the authentication and change nothing.',
          placeholder: '/me',
        }),
        method: choice(
          {
            GET: { label: 'GET', help: 'Reads the answer and checks that it is JSON.' },
            HEAD: { label: 'HEAD', help: 'Only the status: for answers that are long.' },
          },
          { label: 'Method', help: 'How to ask.', typeName: 'HttpProbeMethod' },
        ).default('GET'),
        expectStatus: field(z.int().min(200).max(299).optional(), {
          label: 'Expected status',
          help: 'Leave empty for any status from 200 to 299.',
          placeholder: '200',
        }),
        expectBody: choice(
          {
            JSON: { label: 'JSON', help: 'The answer must be JSON, as answers to datasets must.' },
            ANY: { label: 'Anything', help: 'Only the status counts: for addresses that answer "ok".' },
          },
          {
            label: 'Expected answer',
            help: 'What the answer must be.',
            typeName: 'HttpProbeBody',
            visibleWhen: { field: 'method', equals: 'GET' },
          },
        ).default('JSON'),
      },
      { label: 'Test request', help: 'What a test asks for.', typeName: 'HttpProbe', section: 'probe' },
    ).prefault({}),
    headers: field(
      z
        .array(
          block(
            {
              name: field(headerName, {
                label: 'Name',
                help: 'The name of the header.',
                placeholder: 'X-Tenant',
                destination: true,
              }),
              value: secret(secretText(oneLine), {
                label: 'Value',
                help: 'One line of text.',
                secretWhen: 'secret',
              }),
              secret: field(z.boolean().default(false), {
                label: 'Secret',
                help: 'Whether the value can be written but never read.',
              }),
            },
            { label: 'Header', typeName: 'HttpHeader' },
          ),
        )
        .max(30)
        .default([]),
      { label: 'Headers', help: 'Sent with every request.', section: 'requests' },
    ),
    queryParameters: field(parameters, {
      label: 'Parameters',
      help: 'Added to the URL of every request. For keys choose the authentication by API key.',
      section: 'requests',
    }),
    redirects: choice(
      {
        SAME_ORIGIN: {
          label: 'Within the API',
          help: 'Followed where scheme, host and port stay the same.',
        },
        ANYWHERE: {
          label: 'Anywhere',
          help: 'Also to other hosts, each checked like the first, which are sent neither authentication nor headers.',
        },
        NONE: { label: 'Not at all', help: 'A redirect is a failure.' },
      },
      {
        label: 'Redirects',
        help: 'Whether to go where the API sends a request on to.',
        typeName: 'HttpRedirects',
        section: 'requests',
        destination: true,
        advanced: true,
      },
    ).default('SAME_ORIGIN'),
    rateLimit: block(
      {
        requests: field(z.int().min(1).max(1_000).default(10), {
          label: 'Requests',
          help: 'How many requests at most in the time beside it.',
        }),
        perSeconds: field(z.int().min(1).max(3_600).default(1), {
          label: 'Seconds',
          help: 'The time that the requests are counted in.',
        }),
      },
      {
        label: 'Rate limit',
        help: 'How fast one run may ask.',
        typeName: 'HttpRateLimit',
        section: 'requests',
        advanced: true,
      },
    ).prefault({}),
    retry: block(
      {
        attempts: field(z.int().min(1).max(5).default(3), {
          label: 'Attempts',
          help: 'How often a GET is tried that comes to nothing, the first one included. A POST is never repeated.',
        }),
        maxWaitSeconds: field(z.int().min(0).max(120).default(20), {
          label: 'Longest wait (seconds)',
          help: 'How long an API that says when to come back (Retry-After) is waited for; longer is a failure.',
        }),
      },
      {
        label: 'Retries',
        help: 'What happens when the API is overloaded or a connection breaks off. Tests never retry.',
        typeName: 'HttpRetry',
        section: 'requests',
        advanced: true,
      },
    ).prefault({}),
    limits: block(
      {
        connectTimeoutSeconds: field(z.int().min(1).max(60).default(10), {
          label: 'Connect timeout (seconds)',
          help: 'How long the host may take to accept a connection.',
          advanced: true,
        }),
        requestTimeoutSeconds: field(z.int().min(1).max(300).default(30), {
          label: 'Request timeout (seconds)',
          help: 'How long one request may take, with its answer.',
          advanced: true,
        }),
        maxAnswerMegabytes: field(z.int().min(1).max(32).default(16), {
          label: 'Longest answer (MB)',
          help: 'An answer that is longer, once unpacked, is a failure.',
          advanced: true,
        }),
      },
      {
        label: 'Limits',
        help: 'What one request may take.',
        typeName: 'HttpLimits',
        section: 'requests',
        advanced: true,
      },
    ).prefault({}),
    tls: tlsBlock.prefault({ clientKey: undefined, clientKeyPassphrase: undefined }),
  },
  check: ({ baseUrl, auth: { apiKey }, headers, tls }, report) => {
    checkTls(tls, 'tls', report)
    const isEncrypted = baseUrl.startsWith('https:') || !/^http:/i.test(baseUrl)
    if (isEncrypted && tls.mode === 'DISABLE') {
      report(['tls', 'mode'], 'The base URL begins with "https://", which is always encrypted.')
    }
    const names = headers.map(({ name }) => name.toLowerCase())
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) < index)
        report(['headers', index, 'name'], 'Another header has this name: capitals do not count.')
    }
    const issue = apiKey?.in === 'HEADER' ? headerNameIssue(apiKey.name) : null
    if (issue !== null) report(['auth', 'apiKey', 'name'], issue)
  },
})

export type HttpApiConfig = FormValue<typeof form>

/** Milliseconds for CONNECT. */
export const connectBudgetMs = ({ limits }: HttpApiConfig): number => limits.connectTimeoutSeconds * 1_000
