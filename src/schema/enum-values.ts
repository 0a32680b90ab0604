/** Enum values from a table of descriptions. A `Record` over a union makes the compiler demand every value. */
export function describedValues<V extends string>(
  descriptions: Readonly<Record<V, string>>,
): Record<V, { readonly description: string; readonly value: V }> {
  const values = Object.keys(descriptions) as V[]
  return Object.fromEntries(
    values.map(value => [value, { description: descriptions[value], value }]),
    // `fromEntries` forgets the keys that it was given.
  ) as Record<V, { description: string; value: V }>
}
