import type { TlsConfig } from '../blocks/tls.ts'
import type { StepKey, StepReport } from '../connection-test.ts'
import { failed, type NetworkSettings, type StepContext, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { extraAuthorities } from '../network/authorities.ts'
import { NetworkSteps } from '../network/network-steps.ts'
import type { Address } from '../network/resolve.ts'
import { probeTls } from '../network/tls-probe.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import type { CloudEndpoint } from './endpoint.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>

export interface EndpointStepsOptions<E extends CloudEndpoint = CloudEndpoint> {
  readonly endpoint: E
  /** The form field that decides which endpoint it is; left out where none does. */
  readonly field?: string
  readonly network: NetworkSettings
  /** Who is trusted beside the public authorities; left out where the form has no say in it. */
  readonly ownAuthorities?: OwnAuthorities
}

export interface OwnAuthorities {
  /** The form field that has them. */
  readonly field: string
  readonly pem: string | undefined
}

/** A cloud's own endpoints have certificates of public authorities. */
const publicTls: TlsConfig = {
  mode: 'VERIFY_FULL',
  caBundle: 'PUBLIC',
  caCertificates: undefined,
  serverName: undefined,
  clientCertificate: undefined,
  clientKey: undefined,
  clientKeyPassphrase: undefined,
}

/**
 * The network steps for one endpoint of a cloud, and what clients need to know that then call it at the address so found.
 * SDKs open connections of their own: what the steps measure is measured on probes, on which nothing is said.
 */
export class EndpointSteps<E extends CloudEndpoint = CloudEndpoint> {
  readonly endpoint: E
  readonly #fields: readonly string[]
  readonly #tls: TlsConfig
  readonly #authoritiesField: string | undefined
  readonly #allowUnencrypted: boolean
  readonly #steps: NetworkSteps

  constructor({ endpoint, field, network, ownAuthorities }: EndpointStepsOptions<E>) {
    this.endpoint = endpoint
    this.#fields = field === undefined ? [] : [field]
    this.#tls = { ...publicTls, caCertificates: ownAuthorities?.pem }
    this.#authoritiesField = ownAuthorities?.field
    this.#allowUnencrypted = network.egress.allowUnencrypted
    const theirs = field ?? 'endpoint'
    this.#steps = new NetworkSteps(endpoint, network, {
      fields: { host: theirs, port: theirs },
      purpose: 'DATA_SOURCE',
    })
  }

  readonly steps = {
    RESOLVE: async (context: Context): Promise<StepReport> => this.#aboutForm(await this.#steps.resolve(context)),
    EGRESS: async (context: Context): Promise<StepReport> => {
      const report = this.#aboutForm(await this.#steps.checkEgress(context))
      return report.status === 'PASSED' ? { ...report, evidence: [...this.#moved(), ...report.evidence] } : report
    },
    CONNECT: async (context: Context): Promise<StepReport> => {
      const report = this.#aboutForm(await this.#steps.connect(context))
      // Only its address is used from here on.
      this.#steps.close()
      return { ...report, evidence: report.evidence.map(item => ({ ...item, measuredOn: 'PROBE' as const })) }
    },
    SECURE: async (context: Context): Promise<StepReport> => this.#aboutForm(await this.#secure(context)),
  }

  /** Where it was found to be; clients dial nothing else. Throws before CONNECT has passed. */
  get address(): Address {
    return this.#steps.connection.address
  }

  /** PEM certificates that are trusted in addition to the public authorities. */
  get authorities(): readonly string[] {
    return extraAuthorities(this.#tls)
  }

  /** The problem of a step that used up its budget. */
  timedOut(key: StepKey, seconds: number): Problem {
    const { host, port, name } = this.endpoint
    const fields = this.#fields
    if (key === 'RESOLVE' || key === 'CONNECT') return { ...this.#steps.timedOut(key, seconds), fields }
    if (key === 'SECURE') return problem('TLS_TIMED_OUT', { params: { host, port, seconds }, fields })
    return problem('CLOUD_TIMED_OUT', { params: { service: name, seconds } })
  }

  close(): void {
    this.#steps.close()
  }

  async #secure({ signal, budgetMs }: Context): Promise<StepReport> {
    const { host, port, encrypted, setByOperator } = this.endpoint
    if (!encrypted) {
      const about = setByOperator
        ? { detail: 'The operator has set an endpoint without encryption.' }
        : { detail: 'The endpoint begins with http://.', fields: this.#fields }
      return this.#allowUnencrypted
        ? warning(problem('CONNECTION_NOT_ENCRYPTED', about), [measuredText('Encryption', 'none')])
        : failed(problem('TLS_DISABLED_BY_POLICY', about))
    }
    const { address } = this.#steps.connection
    return probeTls({ host, port, addresses: [address], tls: this.#tls, signal, connectDeadlineMs: budgetMs })
  }

  #moved(): Evidence[] {
    const { setByOperator, host, port } = this.endpoint
    return setByOperator ? [measuredText('Endpoint set by the operator', `${host}:${port}`)] : []
  }

  /** The shared steps speak of a host, a port and TLS settings, which this form does not have. */
  #aboutForm(report: StepReport): StepReport {
    const found = report.problem
    if (!found || found.fields.length === 0) return report
    const ours = this.#authoritiesField
    const isTrust = (field: string) => ours !== undefined && field === 'tls.caCertificates'
    const remedies = found.remedies.flatMap((remedy): Remedy[] => {
      if (!('field' in remedy)) return [remedy]
      return isTrust(remedy.field) ? [{ ...remedy, field: ours as string }] : []
    })
    const fields = found.fields.some(isTrust) ? [ours as string] : this.#fields
    return { ...report, problem: { ...found, fields, remedies } }
  }
}
