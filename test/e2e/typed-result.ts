import { expect } from 'vitest'

/** A member of a result union, asserted to be the one of this name. */
export function asType<Result extends { readonly __typename: string }, Name extends Result['__typename']>(
  result: Result,
  name: Name,
): Extract<Result, { readonly __typename: Name }> {
  expect(result, JSON.stringify(result)).toMatchObject({ __typename: name })
  // Just asserted.
  return result as Extract<Result, { readonly __typename: Name }>
}
