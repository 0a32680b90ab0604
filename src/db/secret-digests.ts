/** Keyed digests of secret values by secret path: equal values are recognised, nothing else is learnt. */
export type SecretDigests = { readonly [secretPath: string]: string }
