import { readTokenUrl } from '../blocks/token-url.ts'
import { type AccessToken, clientCredentialsToken } from '../cloud/client-credentials.ts'
import { cloudEndpoint } from '../cloud/endpoint.ts'
import { endpointStage } from '../cloud/endpoint-stage.ts'
import { HttpCallError, HttpCaller } from '../cloud/http-caller.ts'
import { callsMs, type Stage, type StageContext } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, type NetworkSettings, passed } from '../define.ts'
import { connectBudgetMs, type HttpApiConfig } from './form.ts'

const form = 'auth.oauthClientCredentials'

export interface TokenStageOptions {
  /** The steps' target. */
  readonly name: string
  readonly config: HttpApiConfig
  readonly network: NetworkSettings
  readonly onToken: (token: string) => void
}

/** The way to the identity provider, and the token that it gives out, once for each run. */
export function tokenStage(
  credentials: NonNullable<HttpApiConfig['auth']['oauthClientCredentials']>,
  { name, config, network, onToken }: TokenStageOptions,
): Stage {
  const field = `${form}.tokenUrl`
  const { host, port, path } = readTokenUrl(credentials.tokenUrl)
  const known = cloudEndpoint(host, network)
  const way = endpointStage({
    endpoint: known.setByOperator ? { ...known, name } : { name, host, port, encrypted: true, setByOperator: false },
    field,
    network,
    ownAuthorities: { field: 'tls.caCertificates', pem: config.tls.caCertificates },
    connectBudgetMs: connectBudgetMs(config),
  })
  const caller = new HttpCaller({ endpoint: way.endpoint, expected: 'token endpoint', fields: [field] })
  const { clientId, clientSecret, clientAuthentication, scopes, audience } = credentials
  const ask = ({ signal, budgetMs }: StageContext): Promise<AccessToken> =>
    clientCredentialsToken(caller, {
      clientId,
      clientSecret,
      clientAuthentication,
      ...(scopes !== undefined && { scope: scopes }),
      ...(audience !== undefined && { audience }),
      path,
      signal,
      budgetMs: callsMs(budgetMs),
      fields: { clientId: `${form}.clientId`, clientSecret: `${form}.clientSecret`, scope: `${form}.scopes` },
    })
  const signIn = async (context: StageContext): Promise<StepReport> => {
    try {
      const { token, evidence } = await ask(context)
      onToken(token)
      return passed(evidence)
    } catch (error) {
      context.signal.throwIfAborted()
      if (!(error instanceof HttpCallError)) throw error
      // Its time is the step's, but for the little that is needed to tell.
      return error.problem.code === 'CLOUD_TIMED_OUT'
        ? failed(way.timedOut('SIGN_IN', context.budgetMs / 1_000))
        : error.report
    }
  }
  return {
    ...way,
    steps: { ...way.steps, SIGN_IN: signIn },
    close: () => {
      caller.close()
      way.close()
    },
  }
}
