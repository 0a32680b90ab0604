import { z } from 'zod'
import { alternatives, block, choice, defineForm, type FormValue, field } from '../form.ts'
import { judgedBy } from '../text-checks.ts'
import { datasetHeaderNameIssue, headerValueIssue } from './header-name.ts'
import { jsonPathIssue } from './json-path.ts'
import { parameterName, parameters } from './parameters-field.ts'
import { pathIssue } from './path-text.ts'

const jsonPath = z.string().min(1).max(500).check(judgedBy(jsonPathIssue))

const pageSize = field(z.int().min(1).max(10_000).default(100), {
  label: 'Page size',
  help: 'How many records to ask for at a time.',
})

/** The form of a dataset's query: which requests, and where the records are in their answers. */
export const queryForm = defineForm({
  sections: [
    { id: 'request', label: 'Request' },
    { id: 'records', label: 'Records' },
    { id: 'pages', label: 'Pages' },
  ],
  fields: {
    path: field(z.string().min(1).max(2_000).check(judgedBy(pathIssue)), {
      label: 'Path',
      help: 'Follows the base URL of the connector.',
      placeholder: '/orders',
      section: 'request',
    }),
    method: choice(
      {
        GET: { label: 'GET', help: 'Reads, and may be repeated.' },
        POST: { label: 'POST', help: 'For APIs that take the question as a body, such as a search.' },
      },
      { label: 'Method', help: 'How to ask.', typeName: 'HttpMethod', section: 'request' },
    ).default('GET'),
    readOnlyPost: field(z.boolean().default(false), {
      label: 'This POST only reads',
      help: 'Say so only where the documentation of the API does: Patchbay cannot tell.',
      section: 'request',
      visibleWhen: { field: 'method', equals: 'POST' },
    }),
    parameters: field(parameters, {
      label: 'Parameters',
      help: 'Added to the URL. Those of the connector take the place of any that are called so.',
      section: 'request',
    }),
    headers: field(
      z
        .array(
          block(
            {
              name: field(z.string().min(1).max(200).check(judgedBy(datasetHeaderNameIssue)), {
                label: 'Name',
                help: 'The name of the header.',
                placeholder: 'Accept-Language',
              }),
              value: field(z.string().max(2_000).check(judgedBy(headerValueIssue)), {
                label: 'Value',
                help: 'One line of text.',
              }),
            },
            { label: 'Header', typeName: 'HttpDatasetHeader' },
          ),
        )
        .max(20)
        .default([]),
      {
        label: 'Headers',
        help: 'Accept, Accept-Language, Prefer and headers that begin with "X-". Those of the connector come first.',
        section: 'request',
        advanced: true,
      },
    ),
    body: field(
      z
        .string()
        .max(100_000)
        .check(judgedBy(text => (isJson(text) ? null : 'Give a JSON document.')))
        .optional(),
      {
        label: 'Body',
        help: 'What to ask, as JSON.',
        placeholder: '{"status": "open"}',
        multiline: true,
        section: 'request',
        visibleWhen: { field: 'method', equals: 'POST' },
      },
    ),
    records: field(jsonPath.optional(), {
      label: 'Where the records are',
      help: 'A JSONPath (RFC 9535) that selects the records in an answer. Leave empty where the answer is the list of records, or the one record.',
      placeholder: '$.data.items[*]',
      section: 'records',
    }),
    pagination: alternatives(
      {
        none: { label: 'One answer', help: 'One request gives everything.', fields: {} },
        offset: {
          label: 'By offset',
          help: 'The number of records to skip.',
          fields: {
            offsetParameter: field(parameterName.default('offset'), {
              label: 'Parameter of the offset',
              help: 'What the API calls the number of records to skip.',
            }),
            limitParameter: field(parameterName.default('limit'), {
              label: 'Parameter of the page size',
              help: 'What the API calls the number of records in a page.',
            }),
            pageSize,
          },
        },
        page: {
          label: 'By page',
          help: 'The number of the page.',
          fields: {
            pageParameter: field(parameterName.default('page'), {
              label: 'Parameter of the page',
              help: 'What the API calls the number of the page.',
            }),
            firstPage: field(z.int().min(0).max(1).default(1), {
              label: 'Number of the first page',
              help: '1 with most APIs; with some 0.',
            }),
            sizeParameter: field(parameterName.optional(), {
              label: 'Parameter of the page size',
              help: 'Leave empty where the API decides.',
              placeholder: 'per_page',
            }),
            pageSize,
          },
        },
        cursor: {
          label: 'By cursor',
          help: 'Each answer tells what to ask for the next one.',
          fields: {
            cursorParameter: field(parameterName, {
              label: 'Parameter of the cursor',
              help: 'What the API calls the cursor.',
              placeholder: 'cursor',
            }),
            nextCursor: field(jsonPath, {
              label: 'Where the next cursor is',
              help: 'A JSONPath that selects it in an answer. There are no more pages when it is missing, null or empty.',
              placeholder: '$.meta.next_cursor',
            }),
          },
        },
        linkHeader: {
          label: 'By Link header',
          help: 'Each answer links to the next one (RFC 8288), as with GitHub.',
          fields: {
            rel: field(z.string().min(1).max(100).default('next'), {
              label: 'Relation',
              help: 'What the link to the next page is called.',
            }),
          },
        },
      },
      { label: 'Pages', help: 'How the API gives out long lists.', typeName: 'HttpPagination', section: 'pages' },
    ).prefault({ none: true }),
    caps: block(
      {
        maxPages: field(z.int().min(1).max(1_000).default(10), {
          label: 'Most pages',
          help: 'More are not asked for, and the result says that it is not complete.',
        }),
        maxRows: field(z.int().min(1).max(1_000_000).default(10_000), {
          label: 'Most rows',
          help: 'More are left out, and the result says that it is not complete.',
        }),
        maxMegabytes: field(z.int().min(1).max(512).default(64), {
          label: 'Most megabytes',
          help: 'Of all answers together, once unpacked.',
        }),
        maxSeconds: field(z.int().min(1).max(600).default(60), {
          label: 'Longest time (seconds)',
          help: 'For all requests together.',
        }),
      },
      {
        label: 'Limits',
        help: 'How much to fetch at most.',
        typeName: 'HttpCaps',
        section: 'pages',
        advanced: true,
      },
    ).prefault({}),
  },
  check: ({ method, readOnlyPost }, report) => {
    if (method === 'POST' && !readOnlyPost) {
      report(['readOnlyPost'], 'Patchbay only reads: say that this POST changes nothing, or use GET.')
    }
  },
})

export type HttpApiQuery = FormValue<typeof queryForm>

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
