import type { ConnectorType } from './define.ts'
import { formTree } from './form-tree.ts'
import { walkNodes } from './form-tree-walk.ts'
import { testPlanOf } from './test-plan.ts'

/** What a connector type can do beyond being tested. */
export type Capability =
  | 'PREVIEW'
  | 'BROWSE'
  | 'LIVE_OPTIONS'
  | 'READ_ONLY_SESSION'
  | 'LEAST_PRIVILEGE_CHECK'
  | 'SSH_TUNNEL'

/** Computed from what a type is made of, so that it cannot promise what it does not have. */
export function capabilitiesOf(type: ConnectorType): readonly Capability[] {
  const has: Record<Capability, boolean> = {
    PREVIEW: true,
    BROWSE: type.loadBrowse !== undefined,
    LIVE_OPTIONS: [...walkNodes(formTree(type.form).root)].some(node => node.liveOptions !== null),
    READ_ONLY_SESSION: type.readOnlySession === true,
    LEAST_PRIVILEGE_CHECK: testPlanOf(type).some(step => step.key === 'LEAST_PRIVILEGE'),
    SSH_TUNNEL: type.tunnel !== undefined,
  }
  return (Object.keys(has) as Capability[]).filter(capability => has[capability])
}
