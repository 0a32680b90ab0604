import { z } from 'zod'
import { alternatives, block, choice, defineForm, type FormValue, field } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'
import { patternIssue } from './key-pattern.ts'
import { keyText } from './key-text.ts'

const character = (message: string) =>
  z
    .string()
    .max(2, { abort: true })
    .refine(text => [...text].length === 1 && !/[\p{C}\r\n]/u.test(text.replace('\t', ' ')), message)

/** Encodings that a file of text may have, as the WHATWG names them. */
const encodings = {
  UTF_8: { label: 'UTF-8', help: 'What nearly all programs write. A byte order mark is left out.' },
  UTF_16LE: { label: 'UTF-16 LE', help: 'What some programs on Windows call Unicode.' },
  UTF_16BE: { label: 'UTF-16 BE', help: 'The same with the higher byte first.' },
  WINDOWS_1252: { label: 'Windows-1252', help: 'Western European files of Windows; also right for Latin-1.' },
  ISO_8859_15: { label: 'ISO 8859-15', help: 'Western European files with the euro sign.' },
  SHIFT_JIS: { label: 'Shift JIS', help: 'Japanese files.' },
  GB18030: { label: 'GB 18030', help: 'Chinese files; also right for GBK.' },
} as const

/** The form of a dataset's query: one object or many, and how they are read. */
export const queryForm = defineForm({
  fields: {
    source: alternatives(
      {
        key: {
          label: 'One object',
          fields: {
            key: field(keyText(1_024), {
              label: 'Key',
              help: 'The whole key of the object, with the prefix of the connector.',
              placeholder: 'exports/2026/orders.csv',
            }),
          },
        },
        glob: {
          label: 'All objects whose keys match',
          help: 'They are read one after another, in the order of their keys. The column "_object" has the key of each row.',
          fields: {
            pattern: field(keyText(1_024).check(judgedBy(patternIssue)), {
              label: 'Pattern',
              help: 'A whole key in which * stands for any text without a slash, ** for any text, and ? for one character other than a slash. A backslash before one of them makes it stand for itself.',
              placeholder: 'exports/2026/*.csv',
            }),
          },
        },
      },
      { label: 'Objects', help: 'What to read.', typeName: 'S3Source' },
    ),
    format: choice(
      {
        AUTO: {
          label: 'By extension',
          help: 'By the end of the key: .csv, .tsv, .json, .ndjson, .jsonl or .parquet, with .gz behind it or not.',
        },
        CSV: { label: 'CSV', help: 'Text with a separator between values, as RFC 4180 describes it.' },
        JSON: { label: 'JSON', help: 'One document: a list of records, or a record.' },
        NDJSON: { label: 'NDJSON', help: 'One JSON document per line, also called JSON Lines.' },
        PARQUET: { label: 'Parquet', help: 'Apache Parquet. Only what is needed of the file is read.' },
      },
      { label: 'Format', help: 'What the objects are.', typeName: 'S3Format' },
    ).default('AUTO'),
    compression: choice(
      {
        AUTO: { label: 'By what it begins with', help: 'Gzip where the object begins as gzip does.' },
        NONE: { label: 'None', help: 'As it is, whatever it begins with.' },
        GZIP: { label: 'Gzip', help: 'The object must be gzip.' },
      },
      {
        label: 'Compression',
        help: 'How objects are compressed as a whole. Parquet compresses by itself.',
        typeName: 'S3Compression',
        advanced: true,
      },
    ).default('AUTO'),
    columns: field(
      z
        .array(z.string().max(500).check(judgedBy(nulIssue)))
        .max(1_000)
        .default([]),
      {
        label: 'Columns',
        help: 'The columns to read, in this order. Leave empty for all.',
      },
    ),
    csv: block(
      {
        delimiter: field(character('Give one character.').optional(), {
          label: 'Separator',
          help: 'What stands between values. Leave empty for a comma, and a tab in files that end in .tsv.',
          placeholder: ';',
        }),
        quoted: field(z.boolean().default(true), {
          label: 'Values may be in quotes',
          help: 'Turn it off for files in which quotes are characters like any other.',
        }),
        quote: field(character('Give one character.').default('"'), {
          label: 'Quote',
          help: 'What values are put into that hold separators or line breaks.',
          visibleWhen: { field: 'quoted', equals: true },
        }),
        escape: field(character('Give one character.').optional(), {
          label: 'Escape',
          help: 'What stands before a quote within a quoted value. Leave empty where quotes are doubled.',
          visibleWhen: { field: 'quoted', equals: true },
        }),
        header: field(z.boolean().default(true), {
          label: 'First line has names',
          help: 'Whether the first line names the columns; without, they are called column_1, column_2 and so on.',
        }),
        skipLines: field(z.int().min(0).max(1_000).default(0), {
          label: 'Lines to skip',
          help: 'How many lines stand before the data, or before the names.',
        }),
        encoding: choice(encodings, {
          label: 'Encoding',
          help: 'How characters are written as bytes.',
          typeName: 'S3Encoding',
        }).default('UTF_8'),
      },
      {
        label: 'CSV',
        help: 'How CSV is written.',
        typeName: 'S3Csv',
        advanced: true,
        visibleWhen: { field: 'format', oneOf: ['AUTO', 'CSV'] },
      },
    ).prefault({}),
    json: block(
      {
        records: field(z.string().min(1).max(500).check(judgedBy(nulIssue)).optional(), {
          label: 'Path of the records',
          help: 'Names of fields with dots between them that lead from the document to the list of records, such as "data.items". Leave empty where the document is the list.',
          placeholder: 'data.items',
        }),
      },
      {
        label: 'JSON',
        help: 'Where records are in a document.',
        typeName: 'S3Json',
        advanced: true,
        visibleWhen: { field: 'format', oneOf: ['AUTO', 'JSON'] },
      },
    ).prefault({}),
  },
})

export type S3Query = FormValue<typeof queryForm>
