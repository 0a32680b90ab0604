const reading = [
  'bigquery.datasets.get',
  'bigquery.datasets.getIamPolicy',
  'bigquery.models.getData',
  'bigquery.models.getMetadata',
  'bigquery.models.list',
  'bigquery.routines.get',
  'bigquery.routines.list',
  'bigquery.tables.createSnapshot',
  'bigquery.tables.export',
  'bigquery.tables.get',
  'bigquery.tables.getData',
  'bigquery.tables.getIamPolicy',
  'bigquery.tables.list',
  'bigquery.tables.replicateData',
] as const
const editing = [
  'bigquery.datasets.create',
  'bigquery.datasets.updateTag',
  'bigquery.models.create',
  'bigquery.models.delete',
  'bigquery.models.export',
  'bigquery.models.updateData',
  'bigquery.models.updateMetadata',
  'bigquery.models.updateTag',
  'bigquery.routines.create',
  'bigquery.routines.delete',
  'bigquery.routines.update',
  'bigquery.tables.create',
  'bigquery.tables.createIndex',
  'bigquery.tables.delete',
  'bigquery.tables.deleteIndex',
  'bigquery.tables.restoreSnapshot',
  'bigquery.tables.update',
  'bigquery.tables.updateData',
  'bigquery.tables.updateTag',
] as const
const owning = [
  'bigquery.dataPolicies.create',
  'bigquery.datasets.delete',
  'bigquery.datasets.setIamPolicy',
  'bigquery.datasets.update',
  'bigquery.rowAccessPolicies.create',
  'bigquery.rowAccessPolicies.delete',
  'bigquery.rowAccessPolicies.setIamPolicy',
  'bigquery.rowAccessPolicies.update',
  'bigquery.tables.setCategory',
  'bigquery.tables.setIamPolicy',
] as const
const running = ['bigquery.jobs.create', 'resourcemanager.projects.get'] as const
const usingBigQuery = [
  ...running,
  'bigquery.datasets.create',
  'bigquery.datasets.get',
  'bigquery.jobs.list',
  'bigquery.readsessions.create',
  'bigquery.readsessions.getData',
  'bigquery.readsessions.update',
  'bigquery.tables.list',
] as const
const administering = [
  ...reading,
  ...editing,
  ...owning,
  ...usingBigQuery,
  'bigquery.connections.create',
  'bigquery.connections.use',
  'bigquery.jobs.delete',
  'bigquery.jobs.get',
  'bigquery.jobs.listAll',
  'bigquery.jobs.update',
  'bigquery.reservations.create',
  'bigquery.tables.updateData',
] as const

/** With these one could let oneself do everything else. */
const ruling = ['resourcemanager.projects.setIamPolicy'] as const

const impersonating = ['iam.serviceAccounts.getAccessToken', 'iam.serviceAccounts.signJwt'] as const

/** What Google's own roles allow, as far as BigQuery goes. */
const permissionsOfRole = {
  'roles/bigquery.jobUser': running,
  'roles/bigquery.user': usingBigQuery,
  'roles/bigquery.metadataViewer': [
    'bigquery.datasets.get',
    'bigquery.tables.get',
    'bigquery.tables.list',
    'bigquery.routines.get',
  ],
  'roles/bigquery.dataViewer': reading,
  'roles/bigquery.dataEditor': [...reading, ...editing],
  'roles/bigquery.dataOwner': [...reading, ...editing, ...owning],
  'roles/bigquery.admin': administering,
  'roles/browser': ['resourcemanager.projects.get'],
  'roles/editor': [...reading, ...editing, ...usingBigQuery],
  'roles/owner': [...administering, ...ruling],
  'roles/iam.serviceAccountTokenCreator': impersonating,
} as const satisfies Readonly<Record<string, readonly string[]>>
export type GoogleRole = keyof typeof permissionsOfRole

/** Everything that may be asked about. */
const knownPermissions: ReadonlySet<string> = new Set<string>([...administering, ...ruling, ...impersonating])
export const isPermission = (name: string): boolean => knownPermissions.has(name)

export interface Grant {
  /** E-mail address of whom the role is granted to. */
  readonly member: string
  readonly role: GoogleRole
  /** `projects/p`, `projects/p/datasets/d`, `projects/p/datasets/d/tables/t`, `serviceAccounts/e-mail`. */
  readonly on: string
}

/** Who may do what: a role on a project holds for all that is in it. */
export class GoogleRights {
  readonly #grants: readonly Grant[]

  constructor(grants: readonly Grant[]) {
    this.#grants = grants
  }

  may(member: string, permission: string, resource: string): boolean {
    return this.#grants.some(
      grant =>
        grant.member === member &&
        (grant.on === resource || resource.startsWith(`${grant.on}/`)) &&
        (permissionsOfRole[grant.role] as readonly string[]).includes(permission),
    )
  }

  /** Whether anything at all is granted on the resource or in it. */
  knows(member: string, resource: string): boolean {
    return this.#grants.some(
      ({ member: of, on }) => of === member && (on === resource || on.startsWith(`${resource}/`)),
    )
  }

  /** Of a dataset alone, as its own list of access has it. */
  granted(resource: string): readonly Grant[] {
    return this.#grants.filter(({ on }) => on === resource)
  }
}
