import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../servers/postgres.ts'
import { motoPython } from './moto-install.ts'

export interface MotoKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
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
    const child = spawn(motoPython, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
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
    return { sts: url, redshift: url }
  }

  /** From here on requests are signed by somebody that it knows, and allowed by a policy, or refused. */
  async checkRights(): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.port}/moto-api/reset-auth`, { method: 'POST', body: '0' })
    if (!response.ok) throw new Error(`moto does not check rights: ${response.status}`)
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
        // Only says for whom it is.
        authorization: `AWS4-HMAC-SHA256 Credential=setup/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: new URLSearchParams({ Action: action, Version: versions[service] ?? '', ...parameters }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${action}: ${text}`)
    const found = names.map(name => [name, new RegExp(`<${name}>([^<]*)`).exec(text)?.[1] ?? ''])
    // Each name has an entry.
    return Object.fromEntries(found) as Readonly<Record<Name, string>>
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

const policy = (actions: readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })
