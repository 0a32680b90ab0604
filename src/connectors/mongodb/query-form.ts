import { z } from 'zod'
import { alternatives, defineForm, type FormValue, field } from '../form.ts'
import { judgedBy, nulIssue } from '../text-checks.ts'
import { isOwnCollection } from './collection-name.ts'
import { documentIssue, maxTextLength, pipelineIssue } from './json-text.ts'

const documentText = z.string().max(maxTextLength, { abort: true }).check(judgedBy(documentIssue))
const pipelineText = z.string().max(maxTextLength, { abort: true }).check(judgedBy(pipelineIssue))

/** The form of a dataset's query: what to find in a collection, or a pipeline that only reads. */
export const queryForm = defineForm({
  fields: {
    database: field(
      z
        .string()
        .min(1)
        .max(64)
        .regex(/^[^/\\. "$]+$/, 'A database name has no spaces, dots, slashes, quotes or dollar signs.')
        .check(judgedBy(nulIssue)),
      { label: 'Database', help: 'The database that holds the collection; case matters.' },
    ),
    collection: field(
      z
        .string()
        .min(1)
        .max(255)
        .check(judgedBy(nulIssue))
        .refine(text => !text.startsWith('.') && !text.endsWith('.'), {
          error: 'A collection name has no dot at its ends.',
          abort: true,
        })
        .refine(text => !isOwnCollection(text), {
          error: 'MongoDB keeps collections whose name begins with "system." or has a dollar sign for itself.',
        }),
      { label: 'Collection', help: 'The collection or view to read; case matters.' },
    ),
    operation: alternatives(
      {
        find: {
          label: 'Find',
          help: 'Documents that match a filter.',
          fields: {
            filter: field(documentText.default('{}'), {
              label: 'Filter',
              help: 'Extended JSON, such as { "status": "open" }. Leave {} for every document.',
              multiline: true,
            }),
            projection: field(documentText.optional(), {
              label: 'Projection',
              help: 'Extended JSON, such as { "name": 1, "_id": 0 }. Leave empty for whole documents.',
              multiline: true,
            }),
            sort: field(documentText.optional(), {
              label: 'Sort',
              help: 'Extended JSON, such as { "createdAt": -1 }.',
              multiline: true,
            }),
          },
        },
        pipeline: {
          label: 'Aggregation pipeline',
          help: 'Stages that only read.',
          fields: {
            stages: field(pipelineText, {
              label: 'Stages',
              help: 'Extended JSON: a list of stages, such as [ { "$match": { "status": "open" } } ].',
              multiline: true,
            }),
          },
        },
      },
      { label: 'Operation', help: 'What to read of the collection.', typeName: 'MongodbOperation' },
    ).prefault({ find: { filter: '{}' } }),
  },
})

export type MongodbQuery = FormValue<typeof queryForm>
