/** `httpApi` -> `HttpApi`. */
export const pascalCase = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1)

/** `clientCertificate` -> `CLIENT_CERTIFICATE`. */
export const screamingCase = (key: string): string => key.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase()

const withFullStop = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)

/** A description of full sentences from a label, its help and whatever is true of it besides. */
export const describe = (label: string, ...sentences: readonly (string | null | false)[]): string =>
  [withFullStop(label), ...sentences.filter(sentence => typeof sentence === 'string')].join(' ')
