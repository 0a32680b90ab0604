import type { RowSink } from '../define.ts'
import type { FileOptions } from './file-options.ts'
import type { FileSource } from './file-source.ts'

export interface ReadFilesOptions extends FileOptions {
  /** Of the column with each row's file; null for none. It comes first. */
  readonly nameColumn: string | null
}

/** How many files were begun. With none, `sink` has been told nothing, not even columns. */
export interface ReadFilesEnd {
  readonly files: number
}

/**
 * Gives the rows of files to `sink`, one file after another, for as long as they are wanted. The columns of the first one
 * are those of all. Throws `FileProblemError` for what is wrong with a file, whatever a `FileSource` throws, and the
 * signal's reason.
 */
export async function readFiles(
  _files: AsyncIterable<FileSource>,
  _options: ReadFilesOptions,
  _sink: RowSink,
  _signal: AbortSignal,
): Promise<ReadFilesEnd> {
  throw new Error('Not there yet.')
}
