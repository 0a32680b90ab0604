import type { AnyClient } from '../aws/answer-guard.ts'

/** What the head of the last answer says of who answers. */
export interface ServerNotes {
  /** As it calls itself. */
  server: string | null
  /** Where it says that the bucket is. */
  bucketRegion: string | null
}

type Next = (args: unknown) => Promise<{ readonly response: { readonly headers: Readonly<Record<string, string>> } }>

/** Takes notes of every answer that a client gets: the SDK passes on nothing of them. */
export function noteAnswers(client: AnyClient, notes: ServerNotes): void {
  const note = (next: Next) => async (args: unknown) => {
    const result = await next(args)
    const { headers } = result.response
    notes.server = headers['server'] ?? null
    notes.bucketRegion = headers['x-amz-bucket-region'] ?? null
    return result
  }
  // The border to the SDK, as where answers are guarded.
  client.middlewareStack.add(
    note as never,
    { step: 'deserialize', priority: 'low', name: 'patchbayServerNotes' } as never,
  )
}
