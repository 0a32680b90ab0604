/** Why this Node cannot run the program, or null when it can. Imports nothing: it must itself load in every Node. */
export function unsupportedNode(script: string): string | null {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 14)) return null
  return `Patchbay needs Node 22.14 or newer; this is ${process.versions.node}. Run it with "${script}", which brings its own.\n`
}
