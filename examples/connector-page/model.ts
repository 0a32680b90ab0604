import type { Json, JsonObject } from './api.ts'

export interface Condition {
  readonly path: string
  readonly equals: Json
  readonly oneOf: readonly Json[] | null
  readonly isSet: boolean | null
}

export interface FormField {
  readonly path: string
  readonly label: string
  readonly help: string | null
  readonly placeholder: string | null
  readonly section: string | null
  readonly order: number
  readonly kind:
    | 'TEXT'
    | 'MULTILINE_TEXT'
    | 'INTEGER'
    | 'NUMBER'
    | 'BOOLEAN'
    | 'CHOICE'
    | 'LIST'
    | 'GROUP'
    | 'ALTERNATIVES'
  readonly required: boolean
  readonly defaultValue: Json
  readonly isSecret: boolean
  readonly isAdvanced: boolean
  readonly options: readonly { readonly value: string; readonly label: string; readonly help: string | null }[]
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly minimum: number | null
  readonly maximum: number | null
  readonly pattern: string | null
  readonly visibleWhen: readonly Condition[]
  readonly requiredWhen: Condition | null
  readonly liveOptions: { readonly needs: readonly string[] } | null
}

export interface Form {
  readonly sections: readonly { readonly name: string; readonly label: string; readonly help: string | null }[]
  readonly fields: readonly FormField[]
  readonly jsonSchema: JsonObject
  /** For editing: secrets that are stored need not be given. */
  readonly editSchema: JsonObject
  readonly uiSchema: JsonObject
}

export interface ConnectorType {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly inputKey: string
  readonly logoUrl: string
  readonly maturity: string
  readonly availability: string
  readonly availabilityNote: string | null
  readonly capabilities: readonly string[]
  readonly form: Form
}

export interface Connector {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly formData: JsonObject
  readonly secrets: readonly { readonly path: string; readonly isSet: boolean }[]
  readonly verification: { readonly state: string }
  readonly type: Pick<ConnectorType, 'name' | 'label' | 'inputKey' | 'logoUrl'>
}

export interface Issue {
  readonly path: string
  readonly message: string
}

/** What any mutation, query or stream of the API answers when it refuses. */
export interface Refusal {
  readonly __typename: string
  readonly message?: string
  readonly issues?: readonly Issue[]
  readonly secretFields?: readonly string[]
}

export interface Step {
  readonly id: string
  readonly title: string
  readonly target: string | null
  readonly status: string
  readonly durationMs: number | null
  readonly problem: {
    readonly code: string
    readonly message: string
    readonly fields: readonly string[]
    readonly remedies: readonly { readonly title: string }[]
  } | null
}

/** A test as far as it has come. */
export interface Test {
  readonly id: string
  readonly status: string
  readonly steps: readonly Step[]
}

/** What a refusal says about fields. */
export const issuesOf = ({ issues, secretFields }: Refusal): readonly Issue[] => [
  ...(issues ?? []),
  ...(secretFields ?? []).map(path => ({ path, message: 'Give it again: what it is sent to has changed.' })),
]
