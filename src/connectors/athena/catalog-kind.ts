import { type DataCatalog, GetDataCatalogCommand } from '@aws-sdk/client-athena'
import { IncompleteAnswerError } from '../aws/problems.ts'
import { AwsCallError } from '../aws/service.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import type { AthenaSession } from './open.ts'
import { isDenied } from './problems.ts'
import { budgetOf, type Remaining } from './running-queries.ts'

/** Who holds the catalog. FEDERATED: a function of AWS Lambda, which is billed whenever it is asked. */
export interface CatalogKind {
  readonly kind: 'GLUE' | 'FEDERATED' | 'UNKNOWN'
  /** As Athena calls it; null for not known. */
  readonly type: string | null
  /** ARNs of the functions that it is asked by. */
  readonly functions: readonly string[]
  readonly evidence: readonly Evidence[]
}

const ofGlue: CatalogKind = { kind: 'GLUE', type: 'GLUE', functions: [], evidence: [] }

/** A function is asked for everything that such a catalog holds, and whatever is behind it may be started by that. */
export const heldBy = {
  FEDERATED: 'The catalog is not held by AWS Glue: asking it runs functions that are billed.',
  UNKNOWN:
    'Who holds the catalog may not be looked at (athena:GetDataCatalog): asking it may run functions that are billed.',
} as const

/** Glue's own catalog, and those within it (`s3tablescatalog/bucket`), which Athena does not list as its own. */
const isGlueName = (name: string): boolean => /^awsdatacatalog$/i.test(name) || name.includes('/')

/** What kind of catalog the connector's is; a role's session may then ask the functions that it is made of. Throws as `ask`. */
export async function openCatalog(session: AthenaSession, remaining: Remaining): Promise<CatalogKind> {
  const found = await lookAtCatalog(session, remaining)
  await session.invoke(found.functions, budgetOf(remaining))
  return found
}

/** The same without anything that could follow. Throws as `ask`. */
export async function lookAtCatalog(session: AthenaSession, remaining: Remaining): Promise<CatalogKind> {
  const { catalog } = session.config
  if (isGlueName(catalog)) return ofGlue
  try {
    return kindOf(await askCatalog(session, remaining))
  } catch (error) {
    if (error instanceof AwsCallError && isDenied(error)) return { ...ofGlue, kind: 'UNKNOWN', type: null }
    throw error
  }
}

const askCatalog = (session: AthenaSession, remaining: Remaining): Promise<DataCatalog> =>
  session.read({ action: 'GetDataCatalog', field: 'catalog', ...remaining }, async (client, options) => {
    const { catalog: Name, workgroup: WorkGroup } = session.config
    const { DataCatalog: found } = await client.send(new GetDataCatalogCommand({ Name, WorkGroup }), options)
    if (!found) throw new IncompleteAnswerError('catalog')
    return found
  })

function kindOf({ Type: type, Parameters: parameters }: DataCatalog): CatalogKind {
  const functions = ['function', 'metadata-function', 'record-function']
    .map(name => parameters?.[name])
    .filter(arn => typeof arn === 'string' && isFunctionArn.test(arn)) as string[]
  return {
    kind: type === 'GLUE' ? 'GLUE' : 'FEDERATED',
    type: String(type),
    functions: [...new Set(functions)],
    evidence: [measuredText('Catalog is held by', type === 'GLUE' ? 'AWS Glue' : `AWS Lambda (${String(type)})`)],
  }
}

/** What gets into a policy must be nothing else. */
const isFunctionArn = /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:[\w:$-]{1,140}$/
