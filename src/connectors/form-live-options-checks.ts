import type { FormTreeNode } from './form-tree.ts'

/** Why values of a field cannot be listed as its form says; null when they can. `paths`: of every field of the form. */
export function liveOptionsRefusal(node: FormTreeNode, paths: ReadonlySet<string>): string | null {
  const { liveOptions, required } = node
  if (liveOptions === null) return null
  if (node.path.split('.').includes('*')) return 'give liveOptions to the list, whose items are then chosen'
  if (node.kind !== 'text' && !(node.kind === 'list' && node.item.kind === 'text')) {
    return 'only text and lists of text can have liveOptions'
  }
  // Without one the rest of the form could not be used before it is chosen.
  if (required && liveOptions.standIn === undefined) return 'liveOptions of a required field need a standIn'
  if (!required && liveOptions.standIn !== undefined) return 'only a required field without a default needs a standIn'
  const unknown = liveOptions.needs?.find(path => path === node.path || !paths.has(path))
  return unknown === undefined ? null : `its liveOptions need "${unknown}", which is no other field`
}
