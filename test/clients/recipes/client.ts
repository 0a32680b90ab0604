/** What each recipe makes out of one public client library: enough to run every operation of Patchbay. */
export interface Client {
  /** Runs a query or mutation; rejects when the answer has top-level errors. */
  run(document: string, variables: object): Promise<unknown>
  /** Runs a subscription; calls `next` with the data of each event. Returns how to stop listening. */
  watch(document: string, variables: object, sink: Sink): () => void
  close(): void
}

export interface Sink {
  next(data: unknown): void
  error(error: unknown): void
}
