/** Secret values of one connector by secret path. Lives in memory only, and shortly. */
export type SecretValues = { readonly [secretPath: string]: string }
