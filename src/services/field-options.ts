import type { FieldOption, Listing } from '../connectors/browse.ts'
import type { ConnectorType } from '../connectors/define.ts'
import { type FormTreeNode, formTree } from '../connectors/form-tree.ts'
import { walkNodes, walkValues } from '../connectors/form-tree-walk.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import { typeOfInput } from './connector-config.ts'
import { type InputIssue, ValidationError } from './errors.ts'
import { assertNoIssues, listedItems, pageIssues, requestedPage } from './list-page.ts'
import { auditedListing, type ListingDependencies, listSource } from './list-source.ts'
import type { FieldOptionsInput, ListedItems } from './listings.ts'
import { type FilledDraft, fillOptionsDraft, hideStandIns, keepEmptied } from './options-draft.ts'
import type { SecretReading } from './secret-reading.ts'
import { resolveTestSubject, type TestSubject } from './test-subject.ts'
import type { Viewer } from './viewer.ts'

/** `ListingService.fieldOptions`. */
export async function listFieldOptions(
  dependencies: ListingDependencies,
  viewer: Viewer,
  input: FieldOptionsInput,
  signal: AbortSignal,
): Promise<ListedItems<FieldOption>> {
  assertNoIssues(pageIssues(input))
  const { workspace } = viewer
  const reading = auditedListing(dependencies, viewer, { action: 'LIST_FIELD_OPTIONS' })
  const { subject, field, standIns } = await resolveAsked(dependencies, workspace, input, reading)
  const list = ['OPTIONS', subject.type.name, subject.connectorId, field]
  const page = requestedPage(list, input)
  const { mayStartCompute } = input
  const run = { workspace, mayStartCompute, reading, signal }
  const listing = await listSource(dependencies, subject, { kind: 'OPTIONS', field, page }, run)
  const problem = listing.problem && hideStandIns(listing.problem, standIns)
  // The host lets only values through where values were asked for.
  return listedItems(list, page, { ...(listing as Listing<FieldOption>), problem })
}

interface Asked {
  readonly subject: TestSubject
  readonly field: string
  readonly standIns: FilledDraft['standIns']
}

/** What is asked for, with a configuration that can be used to find it. */
async function resolveAsked(
  dependencies: ListingDependencies,
  workspace: WorkspaceScope,
  { target, field: path }: FieldOptionsInput,
  reading: SecretReading,
): Promise<Asked> {
  const { registry } = dependencies
  if ('draft' in target) {
    const { inputKey, value } = target.draft
    const at = ['target', 'draft', inputKey]
    const type = typeOfInput(registry, target.draft, ['target', 'draft'])
    const field = fieldWithOptions(type, path)
    const filled = fillOptionsDraft(type.form, field, value)
    const missing = missingNeeds(type, field, filled.value, at)
    const draft = { inputKey, value: filled.value }
    const subject = await withIssues(missing, () => resolveTestSubject(dependencies, workspace, { draft }, reading))
    assertInUse(subject, path)
    return { subject, field: path, standIns: filled.standIns }
  }
  const asked = 'edit' in target ? editOf(target.edit) : target
  const subject = await resolveTestSubject(dependencies, workspace, asked, reading)
  const field = fieldWithOptions(subject.type, path)
  const at = 'edit' in target ? ['target', 'edit', 'config', target.edit.config.inputKey] : ['target', 'saved']
  assertNoIssues(missingNeeds(subject.type, field, subject.config, at))
  assertInUse(subject, path)
  return { subject, field: path, standIns: [] }

  function editOf(edit: Extract<FieldOptionsInput['target'], { readonly edit: unknown }>['edit']) {
    const type = typeOfInput(registry, edit.config, ['target', 'edit', 'config'])
    const value = keepEmptied(type.form, fieldWithOptions(type, path), edit.config.value)
    return { edit: { ...edit, config: { ...edit.config, value } } }
  }
}

/** The field of a form, provided that values for it can be listed. Throws `ValidationError` naming those that can. */
function fieldWithOptions({ form, label }: ConnectorType, path: string): FormTreeNode {
  const fields = [...walkNodes(formTree(form).root)].filter(node => node.liveOptions !== null)
  const field = fields.find(node => node.path === path)
  if (field) return field
  const others = fields.map(node => node.path)
  const message =
    others.length === 0
      ? `The form of ${label} has no fields whose values can be listed.`
      : `Values of this field cannot be listed. Those of these can: ${others.join(', ')}.`
  throw new ValidationError([{ path: 'field', inputPath: ['field'], message }])
}

/** What else must be filled in before there is anything to choose from. */
function missingNeeds(
  { form }: ConnectorType,
  { liveOptions }: FormTreeNode,
  value: unknown,
  inputPath: readonly string[],
): readonly InputIssue[] {
  const given = new Set(
    [...walkValues(formTree(form).root, value)]
      .filter(visit => isFilled(visit.value))
      .map(({ segments }) => segments.join('.')),
  )
  return (liveOptions?.needs ?? [])
    .filter(path => !given.has(path))
    .map(path => ({
      path,
      inputPath: [...inputPath, ...path.split('.')],
      message: 'Fill this in first: what there is to choose from depends on it.',
    }))
}

const isFilled = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

/** The issues that `resolve` throws together with others, each field once. */
async function withIssues<T>(issues: readonly InputIssue[], resolve: () => Promise<T>): Promise<T> {
  let resolved: T
  try {
    resolved = await resolve()
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    const named = new Set(issues.map(issue => issue.path))
    throw new ValidationError([...issues, ...error.issues.filter(issue => !named.has(issue.path))])
  }
  assertNoIssues(issues)
  return resolved
}

/** A field of an alternative that is not chosen has no values. */
function assertInUse({ type: { form }, config }: TestSubject, path: string): void {
  const paths = [...walkValues(formTree(form).root, config)].map(({ segments }) => segments.join('.'))
  if (paths.includes(path)) return
  const message = 'This field is not part of the configuration: another alternative is chosen.'
  throw new ValidationError([{ path: 'field', inputPath: ['field'], message }])
}
