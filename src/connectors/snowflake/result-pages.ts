import { AnswerFaultError, type ResultAnswer, type ResultChunk, readRow, type TextRow } from './answers.ts'
import type { ChunkStorage } from './chunk-storage.ts'
import { RowTexts } from './row-texts.ts'

/**
 * The rows of a result in pieces, each read when it is wanted: first those in the answer itself, then those in storage.
 * Throws `HttpCallError`, `AnswerFaultError` and `RowTooLongError`, and the signal's reason when that aborts.
 */
export async function* resultPages(
  { rows, columns, chunks, chunkHeaders }: ResultAnswer,
  storage: ChunkStorage,
  signal: AbortSignal,
): AsyncGenerator<readonly TextRow[]> {
  yield rows
  for (const chunk of chunks) yield* chunkPages(chunk, storage.read(chunk, chunkHeaders, signal), columns.length)
}

async function* chunkPages(
  { rowCount }: ResultChunk,
  bytes: AsyncIterable<Buffer>,
  width: number,
): AsyncGenerator<readonly TextRow[]> {
  const texts = new RowTexts()
  let count = 0
  for await (const piece of bytes) {
    const rows = texts.push(piece).map(row => readRow(row, width))
    count += rows.length
    if (rows.length > 0) yield rows
  }
  texts.end()
  if (count !== rowCount) throw new AnswerFaultError('a part of its result has another number of rows than it says')
}
