import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redshift } from '../../src/connectors/redshift/index.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createAwsAccess } from '../../src/services/aws-access.ts'

const north = WorkspaceScope.of('north')
const configOf = (credentials: object) =>
  redshift.form.schema.parse({
    host: 'h',
    auth: { iam: { deployment: { cluster: { clusterIdentifier: 'sales' } }, region: 'eu-west-1', credentials } },
  })
const byRole = configOf({ assumeRole: { roleArn: 'arn:aws:iam::111122223333:role/patchbay' } })
const byKey = configOf({ accessKey: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' } })

/** A digest that shows what was digested. */
const digester = {
  digest: async (...given: readonly unknown[]) => Buffer.from(JSON.stringify(given)).toString('base64url'),
}

let directory: string
let identityFile: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patchbay-identity-'))
  identityFile = join(directory, 'identity.json')
})
afterAll(() => rm(directory, { recursive: true }))

const write = async (secret: string, mode = 0o600) => {
  await writeFile(identityFile, JSON.stringify({ AccessKeyId: 'ASIAOPERATOR', SecretAccessKey: secret }))
  await chmod(identityFile, mode)
}

function open(file: string | null = identityFile) {
  const faults: unknown[] = []
  return { access: createAwsAccess({ digester, identityFile: file, onFault: fault => faults.push(fault) }), faults }
}

describe("the operator's AWS identity", () => {
  it('is given to runs that assume a role, as the file has it then, with the external id of the workspace', async () => {
    const { access } = open()
    for (const secret of ['first', 'second']) {
      await write(secret)
      expect(await access.forRun(north, redshift, byRole)).toEqual({
        operatorAws: {
          identity: { accessKeyId: 'ASIAOPERATOR', secretAccessKey: secret },
          externalId: await access.externalId(north),
        },
      })
    }
  })

  it('is given to no other run: of another configuration, or of a type that knows no roles', async () => {
    await write('secret')
    const { access } = open()
    expect(await access.forRun(north, redshift, byKey)).toEqual({})
    expect(await access.forRun(north, {}, byRole)).toEqual({})
  })

  it('is none where there is no file, and where others may read it, which the operator is told', async () => {
    expect((await open(null).access.forRun(north, redshift, byRole)).operatorAws?.identity).toBeNull()
    await write('secret', 0o644)
    const { access, faults } = open()
    expect((await access.forRun(north, redshift, byRole)).operatorAws?.identity).toBeNull()
    expect(faults.map(String)).toEqual([expect.stringContaining('Other accounts may read')])
    expect(faults.map(String).join()).not.toContain('secret"')
  })

  it('asks for an external id that differs between workspaces, stays, and is one for AWS', async () => {
    const { access } = open()
    const ids = await Promise.all(['north', 'south', 'north'].map(id => access.externalId(WorkspaceScope.of(id))))
    expect(new Set(ids).size).toBe(2)
    expect(ids[0]).toBe(ids[2])
    expect(ids[0]).toMatch(/^patchbay-[\w+=,.@:/-]{2,1200}$/)
  })
})
