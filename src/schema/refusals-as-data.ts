import { errorTypeMap, wrapOrThrow } from '@pothos/plugin-errors'

type RefusalClass = new (...args: never[]) => Error

/**
 * A subscription's source, or a stream of which the refusal to open it is the only item: many clients drop errors of
 * subscriptions. The errors plugin could do the same, but hides `return()` of the source behind a generator, which
 * cannot be ended while it waits, and turns every other error into one of the stream.
 */
export async function refusalsAsData<Item, Refusal extends RefusalClass>(
  refusals: readonly Refusal[],
  open: () => Promise<AsyncIterable<Item>>,
): Promise<AsyncIterable<Item | InstanceType<Refusal>>> {
  try {
    return await open()
  } catch (error) {
    // The executor throws whatever is an `Error`; the plugin's wrapper looks like the error but is none.
    return only(wrapOrThrow(error, [...refusals]) as InstanceType<Refusal>)
  }
}

async function* only<Item>(item: Item): AsyncIterable<Item> {
  yield item
}

/** The class of a refusal in such a stream; undefined for its other items. */
export const refusalClassOf = (item: object) => errorTypeMap.get(item)
