/**
 * Names for columns, one for each that a file gives: an empty one is called by its place (`column_3`), and of equal ones the
 * later are numbered (`total`, `total_2`), never as another is called already.
 */
export function columnNames(given: readonly (string | null)[]): readonly string[] {
  const names = given.map((name, place) => name || `column_${place + 1}`)
  const taken = new Set(names)
  const used = new Set<string>()
  const nextOf = new Map<string, number>()
  return names.map(name => {
    let unique = name
    if (used.has(name)) {
      let count = nextOf.get(name) ?? 2
      while (taken.has(`${name}_${count}`)) count += 1
      nextOf.set(name, count + 1)
      unique = `${name}_${count}`
    }
    used.add(unique)
    taken.add(unique)
    return unique
  })
}
