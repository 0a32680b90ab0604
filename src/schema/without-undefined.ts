type WithoutUndefined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/**
 * The same without keys whose value is undefined. Absent arguments have no key at all; their type, which does not
 * know that, becomes as strict as the services'.
 */
export function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as WithoutUndefined<T>
}
