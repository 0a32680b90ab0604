import type { PlannedStep } from './connection-test.ts'
import type { ConnectorType } from './define.ts'
import { type FormTreeNode, formTree } from './form-tree.ts'
import { isRecord } from './form-tree-walk.ts'

/** A step that tests of a type may have. */
export interface PossibleStep extends Pick<PlannedStep, 'key' | 'title' | 'required' | 'budgetMs'> {
  /** Whether only some configurations have it: those with a tunnel, with a token to be asked for. */
  readonly isConditional: boolean
}

const plans = new WeakMap<ConnectorType, readonly PossibleStep[]>()

/**
 * What tests of a type may do, in order, whatever the configuration: from the plans of made-up ones that between them have
 * every alternative and every optional group of the form. Titles name what the forms' own examples name.
 */
export function testPlanOf(type: ConnectorType): readonly PossibleStep[] {
  let plan = plans.get(type)
  if (!plan) {
    plan = unite(madeUpConfigs(type).map(config => type.plan(config as Parameters<ConnectorType['plan']>[0])))
    plans.set(type, plan)
  }
  return plan
}

const identity = ({ key, title }: PlannedStep) => `${key} ${title}`

/** The steps of all plans, each once, in an order that keeps to each plan's as far as they agree. */
function unite(all: readonly (readonly PlannedStep[])[]): readonly PossibleStep[] {
  const united: PlannedStep[] = []
  for (const plan of all) {
    let at = 0
    for (const step of plan) {
      const known = united.findIndex(each => identity(each) === identity(step))
      if (known < 0) united.splice(at++, 0, step)
      else at = known + 1
    }
  }
  return united.map(step => ({
    key: step.key,
    title: step.title,
    required: step.required,
    budgetMs: step.budgetMs,
    isConditional: !all.every(plan => plan.some(each => identity(each) === identity(step))),
  }))
}

/** Configurations as a form puts them out: the plainest, and for each alternative and optional group one that has it. */
function madeUpConfigs({ form }: ConnectorType): readonly unknown[] {
  const { root } = formTree(form)
  return [make(root, ''), ...choicesIn(root).map(path => make(root, path))]
}

/** Paths of what a configuration may have or not have: alternatives, optional groups, fields that are left empty. */
function choicesIn(node: FormTreeNode): readonly string[] {
  switch (node.kind) {
    case 'group': {
      const below = [...node.fields.values()].flatMap(choicesIn)
      return node.required || node.defaultValue !== undefined || node.path === '' ? below : [node.path, ...below]
    }
    case 'alternatives':
      return [...node.alternatives.values()].flatMap(group => [
        group.path,
        ...[...group.fields.values()].flatMap(choicesIn),
      ])
    case 'text':
      return node.required || node.defaultValue !== undefined ? [] : [node.path]
    default:
      return []
  }
}

/** A value of this node in which what lies at or above `wanted` is there. */
function make(node: FormTreeNode, wanted: string): unknown {
  const isWanted = (path: string) => wanted === path || wanted.startsWith(`${path}.`)
  switch (node.kind) {
    case 'group': {
      if (node.fields.size === 0) return true
      const entries = [...node.fields].flatMap(([key, field]): [string, unknown][] =>
        field.required || field.defaultValue !== undefined || isWanted(field.path) ? [[key, make(field, wanted)]] : [],
      )
      return Object.fromEntries(entries)
    }
    case 'alternatives': {
      const groups = [...node.alternatives.values()]
      const fallback = isRecord(node.defaultValue) ? Object.keys(node.defaultValue)[0] : undefined
      const chosen =
        groups.find(group => isWanted(group.path)) ?? groups.find(group => group.key === fallback) ?? groups[0]
      return chosen && { [chosen.key]: make(chosen, wanted) }
    }
    case 'list':
      return Array.isArray(node.defaultValue) ? node.defaultValue : [make(node.item, wanted)]
    case 'choice':
      return node.defaultValue ?? Object.keys(node.choices)[0]
    case 'integer':
    case 'number':
      return node.defaultValue ?? node.minimum ?? 1
    case 'boolean':
      return node.defaultValue ?? false
    case 'text':
      return node.defaultValue ?? node.placeholder ?? 'example'
    case 'secret':
      return 'example'
  }
}
