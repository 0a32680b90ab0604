import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '../servers/postgres.ts'
import { motoPython } from './moto-install.ts'

export interface MotoKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** To the last state at once, or to the next one when it has been asked for so often, or for so long. */
export type Progression =
  | { readonly progression: 'immediate' }
  | { readonly progression: 'manual'; readonly times: number }
  | { readonly progression: 'time'; readonly seconds: number }

export interface AthenaResult {
  /** Name and type of each. */
  readonly columns: readonly (readonly [name: string, type: string])[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** A moto server of its own on loopback, that checks signatures and policies once it has been set up. */
export class MotoServer implements AsyncDisposable {
  readonly port: number
  readonly #process: ChildProcess

  private constructor(port: number, child: ChildProcess) {
    this.port = port
    this.#process = child
  }

  static async start(): Promise<MotoServer> {
    const port = await freePort()
    // The environment is its own: nothing of this machine's AWS settings gets in.
    const script = join(import.meta.dirname, 'moto-process.py')
    const child = spawn(motoPython, [script, '-H', '127.0.0.1', '-p', String(port)], {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const listening = Promise.withResolvers<void>()
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (log.includes('Running on')) listening.resolve()
    })
    child.once('exit', code => listening.reject(new Error(`moto exited with ${code}: ${log}`)))
    await listening.promise
    return new MotoServer(port, child)
  }

  get endpoints(): Readonly<Record<string, string>> {
    const url = `http://127.0.0.1:${this.port}`
    return { sts: url, redshift: url, athena: url, s3: url, iam: url }
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** From here on requests are signed by somebody that it knows, and allowed by a policy, or refused. */
  async checkRights(): Promise<void> {
    await this.#control('reset-auth', '0')
  }

  /** From here on everybody may do everything again. */
  async trustEverybody(): Promise<void> {
    await this.#control('reset-auth', 'inf')
  }

  /** When a thing of this kind (`athena::execution`) gets on to its next state. */
  async advance(model_name: string, transition: Progression): Promise<void> {
    await this.#control('state-manager/set-transition', JSON.stringify({ model_name, transition }))
  }

  /** What the next queries of Athena find, one after another: the first row has the names of the columns. */
  async queueResults(region: string, results: readonly AthenaResult[]): Promise<void> {
    const form = results.map(({ columns, rows }) => ({
      rows: [columns.map(([name]) => name), ...rows].map(row => ({
        Data: row.map(value => (value === null ? {} : { VarCharValue: value })),
      })),
      column_info: columns.map(([Name, Type]) => ({ Name, Label: Name, Type, Nullable: 'UNKNOWN' })),
    }))
    await this.#control('static/athena/query-results', JSON.stringify({ region, results: form }))
  }

  /** A call that is not checked, of the query protocol. Answers what stands between `<name>` and its end, for each name. */
  async call<const Name extends string>(
    service: string,
    action: string,
    parameters: Readonly<Record<string, string>>,
    ...names: readonly Name[]
  ): Promise<Readonly<Record<Name, string>>> {
    const versions: Readonly<Record<string, string>> = { iam: '2010-05-08', redshift: '2012-12-01' }
    const response = await fetch(`http://127.0.0.1:${this.port}/`, {
      method: 'POST',
      headers: {
        authorization: forWhom(service, 'eu-west-1'),
      },
      body: new URLSearchParams({ Action: action, Version: versions[service] ?? '', ...parameters }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${action}: ${text}`)
    const found = names.map(name => [name, new RegExp(`<${name}>([^<]*)`).exec(text)?.[1] ?? ''])
    // Each name has an entry.
    return Object.fromEntries(found) as Readonly<Record<Name, string>>
  }

  /** A call that is not checked, of Athena. Answers what it answers. */
  async athena(action: string, parameters: object, region = 'eu-west-1'): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.port}/`, {
      method: 'POST',
      headers: { authorization: forWhom('athena', region), 'x-amz-target': `AmazonAthena.${action}` },
      body: JSON.stringify(parameters),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${action}: ${text}`)
    return JSON.parse(text)
  }

  async addBucket(name: string, region = 'eu-west-1'): Promise<void> {
    const body = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`
    await this.#put(`/${name}`, body, {}, region)
  }

  /** Needs rights, once they are checked, that nobody has. */
  async putObject(
    bucket: string,
    key: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.#put(`/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`, body, headers, 'eu-west-1')
  }

  async #put(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>,
    region: string,
  ): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: 'PUT',
      headers: { authorization: forWhom('s3', region), ...headers },
      body,
    })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  }

  async #control(path: string, body: string): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.port}/moto-api/${path}`, { method: 'POST', body })
    if (!response.ok) throw new Error(`moto refuses ${path}: ${response.status}`)
  }

  /** Somebody who may do these actions and nothing else. */
  async addUser(name: string, actions: readonly string[]): Promise<MotoKey> {
    await this.call('iam', 'CreateUser', { UserName: name })
    const PolicyDocument = policy(actions)
    await this.call('iam', 'PutUserPolicy', { UserName: name, PolicyName: 'only', PolicyDocument })
    const key = await this.call('iam', 'CreateAccessKey', { UserName: name }, 'AccessKeyId', 'SecretAccessKey')
    return { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey }
  }

  /** A role that may do these actions, and that anybody may assume who knows the external id. Answers its ARN. */
  async addRole(name: string, actions: readonly string[], externalId: string): Promise<string> {
    const Condition = { StringEquals: { 'sts:ExternalId': externalId } }
    const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole', Condition }
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] })
    const { Arn } = await this.call('iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument }, 'Arn')
    await this.call('iam', 'PutRolePolicy', { RoleName: name, PolicyName: 'only', PolicyDocument: policy(actions) })
    return Arn
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit')
  }
}

/** Says only for whom a request is: nobody has signed it. */
const forWhom = (service: string, region: string): string =>
  `AWS4-HMAC-SHA256 Credential=setup/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`

const policy = (actions: readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })
