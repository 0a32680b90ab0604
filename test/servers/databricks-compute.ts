export type WarehouseState = 'STARTING' | 'RUNNING' | 'STOPPING' | 'STOPPED' | 'DELETING' | 'DELETED'
export type ClusterState = 'PENDING' | 'RUNNING' | 'RESTARTING' | 'RESIZING' | 'TERMINATING' | 'TERMINATED' | 'ERROR'

/** Why compute ended, or did not begin. */
export interface EndReason {
  readonly code: string
  readonly type: string
  readonly message: string
}

export interface Start {
  /** After how many questions about it, or calls of it, it runs; never when it is not given. */
  readonly runsAfter?: number
  /** After that many it has failed instead. */
  readonly fails?: EndReason
}

interface Compute {
  readonly name?: string
  /** Names of principals and groups that may use it; all when it is not given. */
  readonly users?: readonly string[]
  /** What becomes of it when it is started; it runs at once when it is not given. */
  readonly start?: Start
  /** What becomes of calls while it starts: they wait, or are refused by Thrift or by HTTP. */
  readonly whileStarting?: 'QUEUES' | 'REFUSES' | 'UNAVAILABLE'
}

export interface DatabricksWarehouse extends Compute {
  readonly state?: WarehouseState
  readonly health?: { readonly status: string; readonly summary?: string; readonly failure?: EndReason }
  readonly type?: 'PRO' | 'CLASSIC'
  readonly isServerless?: boolean
  readonly size?: string
  readonly autoResume?: boolean
}

export interface DatabricksCluster extends Compute {
  readonly state?: ClusterState
  readonly reason?: EndReason
  readonly version?: string
}

/** A machine, or many: what may be asked of it, and what starts it. */
export abstract class ComputeDouble<State extends string> {
  readonly id: string
  readonly whileStarting: 'QUEUES' | 'REFUSES' | 'UNAVAILABLE'
  readonly #users: readonly string[] | undefined
  readonly #start: Start
  #questions = 0
  protected state: State
  protected failure: EndReason | undefined
  /** How often it has been started. */
  starts = 0

  protected constructor(
    id: string,
    state: State,
    { users, start = { runsAfter: 0 }, whileStarting = 'QUEUES' }: Compute,
  ) {
    this.id = id
    this.state = state
    this.#users = users
    this.#start = start
    this.whileStarting = whileStarting
  }

  protected abstract readonly starting: State
  protected abstract readonly running: State
  protected abstract readonly ended: State
  protected abstract readonly startable: readonly State[]

  get isRunning(): boolean {
    return this.state === this.running
  }

  get isStarting(): boolean {
    return this.state === this.starting
  }

  get isStartable(): boolean {
    return this.startable.includes(this.state)
  }

  /** `Running` */
  get describedState(): string {
    return `${this.state[0]}${this.state.slice(1).toLowerCase()}`
  }

  get isGone(): boolean {
    return this.state === ('DELETED' as string) || this.state === ('DELETING' as string)
  }

  lets(names: readonly string[]): boolean {
    return this.#users === undefined || names.some(name => this.#users?.includes(name))
  }

  /** What a call of it does when it does not run. */
  wake(): void {
    if (!this.isStartable) return
    this.starts += 1
    this.state = this.starting
    this.#questions = 0
    this.#goOn()
  }

  /** Time goes by: it is counted in questions. */
  asked(): void {
    this.#questions += 1
    this.#goOn()
  }

  #goOn(): void {
    const { runsAfter = Number.POSITIVE_INFINITY, fails } = this.#start
    if (!this.isStarting || this.#questions < runsAfter) return
    this.failure = fails
    this.state = fails ? this.ended : this.running
  }
}

export class WarehouseDouble extends ComputeDouble<WarehouseState> {
  protected readonly starting = 'STARTING'
  protected readonly running = 'RUNNING'
  protected readonly ended = 'STOPPED'
  protected readonly startable = ['STOPPED', 'STOPPING'] as const
  readonly #options: DatabricksWarehouse

  constructor(id: string, options: DatabricksWarehouse) {
    super(id, options.state ?? 'RUNNING', options)
    this.#options = options
  }

  /** As the REST API tells of it. */
  describe(host: string): object {
    const {
      name = 'Reporting',
      health,
      type = 'PRO',
      isServerless = true,
      size = '2X-Small',
      autoResume = true,
    } = this.#options
    const failure = this.failure ?? health?.failure
    return {
      id: this.id,
      name,
      size: 'XXSMALL',
      cluster_size: size,
      min_num_clusters: 1,
      max_num_clusters: 1,
      auto_stop_mins: 10,
      auto_resume: autoResume,
      creator_name: 'admin@example.com',
      creator_id: 5_760_885_597_616_698,
      tags: {},
      spot_instance_policy: 'COST_OPTIMIZED',
      enable_photon: true,
      enable_serverless_compute: isServerless,
      warehouse_type: type,
      channel: { name: 'CHANNEL_NAME_CURRENT' },
      num_clusters: this.isRunning ? 1 : 0,
      num_active_sessions: 0,
      state: this.state,
      jdbc_url: `jdbc:spark://${host}:443/default;transportMode=http;ssl=1;AuthMech=3;httpPath=/sql/1.0/warehouses/${this.id};`,
      odbc_params: { hostname: host, path: `/sql/1.0/warehouses/${this.id}`, protocol: 'https', port: 443 },
      health: {
        status: failure ? 'FAILED' : (health?.status ?? 'HEALTHY'),
        ...(failure && {
          message: failure.message,
          summary: health?.summary ?? 'Cluster failed to start.',
          details: failure.message,
          failure_reason: { code: failure.code, type: failure.type, parameters: {} },
        }),
      },
    }
  }
}

export class ClusterDouble extends ComputeDouble<ClusterState> {
  protected readonly starting = 'PENDING'
  protected readonly running = 'RUNNING'
  protected readonly ended = 'TERMINATED'
  protected readonly startable = ['TERMINATED', 'TERMINATING'] as const
  readonly #options: DatabricksCluster

  constructor(id: string, options: DatabricksCluster) {
    super(id, options.state ?? 'RUNNING', options)
    this.#options = options
  }

  /** As the REST API tells of it. */
  describe(): object {
    const { name = 'Shared', version = '16.4.x-scala2.12' } = this.#options
    const inactivity = { code: 'INACTIVITY', type: 'SUCCESS', message: 'Terminated after 120 minutes of inactivity.' }
    const reason = this.failure ?? this.#options.reason ?? inactivity
    const hasEnded = ['TERMINATED', 'TERMINATING', 'ERROR'].includes(this.state)
    return {
      cluster_id: this.id,
      cluster_name: name,
      spark_version: version,
      node_type_id: 'i3.xlarge',
      num_workers: 1,
      autotermination_minutes: 120,
      data_security_mode: 'USER_ISOLATION',
      cluster_source: 'UI',
      state: this.state,
      state_message: hasEnded ? reason.message : '',
      ...(hasEnded && {
        termination_reason: { code: reason.code, type: reason.type, parameters: { inactivity_duration_min: '120' } },
      }),
    }
  }
}
