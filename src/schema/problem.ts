import { docsPathOf, type Problem, type ProblemOrigin } from '../connectors/problem.ts'
import { type ProblemCode, problemTable } from '../connectors/problem-table.ts'
import { problemsOfAnyType } from '../connectors/problems-of-any-type.ts'
import type { Builder } from './builder.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'
import { defineRemedies } from './remedy.ts'

const origins: Record<ProblemOrigin, string> = {
  FORM: 'What was filled in.',
  NETWORK: 'The way to the data source.',
  SOURCE: 'The data source itself.',
  SECRET_STORE: 'The store that keeps secrets.',
  POLICY: 'What the operator of this server allows.',
  PATCHBAY: 'This server.',
}

// The table's keys are its codes; `Object.keys` forgets that.
const problemCodes = Object.keys(problemTable) as ProblemCode[]

/** Where a documentation page is published, null when this server does not know. */
export const docsUrl = (docsBaseUrl: string | null, path: string): string | null =>
  docsBaseUrl === null ? null : `${docsBaseUrl}/${path}`

export const defineProblemCode = (builder: Builder) =>
  builder.enumType('ProblemCode', {
    description: 'What went wrong. Codes are added over time: show the message of one that you do not know.',
    values: describedValues(
      Object.fromEntries(problemCodes.map(value => [value, `${problemTable[value].title}.`])) as Record<
        ProblemCode,
        string
      >,
    ),
  })

export function defineProblems(parts: SchemaParts) {
  const { builder, registry, connectorTypeName, problemCode: code } = parts
  const remedy = defineRemedies(parts)
  const origin = builder.enumType('ProblemOrigin', {
    description: 'Where a problem arose: what to look at.',
    values: describedValues(origins),
  })
  const problem = builder.objectRef<Problem>('Problem').implement({
    description: 'The one shape in which anything that went wrong is reported.',
    fields: t => ({
      code: t.field({ type: code, description: 'What went wrong.', resolve: parent => parent.code }),
      origin: t.field({ type: origin, description: 'Where it arose.', resolve: parent => parent.origin }),
      message: t.exposeString('message', {
        description: 'One or two sentences for the person who filled in the form.',
      }),
      params: t.field({
        type: 'JSON',
        description: 'The values in the message, for clients that translate by code.',
        resolve: parent => parent.params,
      }),
      detail: t.exposeString('detail', {
        nullable: true,
        description: "The driver's or the server's own words, cut short and free of secrets.",
      }),
      retryable: t.exposeBoolean('retryable', {
        description: 'Whether the same attempt may succeed later without any change.',
      }),
      fields: t.stringList({
        description: 'Paths of the form fields to mark, the most likely one first.',
        resolve: parent => [...parent.fields],
      }),
      remedies: t.field({
        type: [remedy],
        description: 'What can be done about it, the best first.',
        resolve: parent => parent.remedies,
      }),
      docsUrl: t.string({
        nullable: true,
        description: 'A page that explains the problem, where this server knows one.',
        resolve: (parent, _args, { docsBaseUrl }) => docsUrl(docsBaseUrl, parent.docsPath),
      }),
    }),
  })
  const definition = builder.objectRef<ProblemCode>('ProblemDefinition').implement({
    description: 'What a problem code means in general.',
    fields: t => ({
      code: t.field({ type: code, description: 'The code.', resolve: parent => parent }),
      title: t.string({ description: 'A few words.', resolve: parent => problemTable[parent].title }),
      origin: t.field({
        type: origin,
        description: 'Where such a problem arises.',
        resolve: parent => problemTable[parent].origin,
      }),
      message: t.string({
        description: 'The message, in which `{name}` stands for a value of `Problem.params`.',
        resolve: parent => problemTable[parent].message,
      }),
      mend: t.string({
        description: 'What to do about it in general.',
        resolve: parent => problemTable[parent].mend,
      }),
      retryable: t.boolean({
        description: 'Whether the same attempt may succeed later without any change.',
        resolve: parent => problemTable[parent].retryable,
      }),
      docsUrl: t.string({
        nullable: true,
        description: 'The part of the documentation about this code, where this server knows its address.',
        resolve: (parent, _args, { docsBaseUrl }) => docsUrl(docsBaseUrl, docsPathOf(parent)),
      }),
    }),
  })
  builder.queryField('problemCatalogue', t =>
    t.field({
      type: [definition],
      description: 'Every problem that this server may report, or those of one connector type.',
      authScopes: { signedIn: true },
      args: {
        connectorType: t.arg({
          type: connectorTypeName,
          required: false,
          description:
            'Only what tests and previews of this type may report, together with what Patchbay itself may report for every type.',
        }),
      },
      resolve: (_root, { connectorType }) => {
        if (connectorType == null) return problemCodes
        const reported: readonly ProblemCode[] = [...registry.byName(connectorType).problems, ...problemsOfAnyType]
        return problemCodes.filter(each => reported.includes(each))
      },
    }),
  )
  return { problem, definition, remedy }
}

export type ProblemRef = ReturnType<typeof defineProblems>['problem']
export type ProblemDefinitionRef = ReturnType<typeof defineProblems>['definition']
