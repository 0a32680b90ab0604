/** Ways of writing a text down, each made by what programs use for it. */
export const encodings = {
  raw: (text: string) => text,
  url: (text: string) => encodeURIComponent(text),
  'lower-case url': (text: string) => encodeURIComponent(text).replace(/%../g, hex => hex.toLowerCase()),
  form: (text: string) => new URLSearchParams({ '': text }).toString().slice(1),
  base64: (text: string) => Buffer.from(text).toString('base64'),
  'base64 without padding': (text: string) => Buffer.from(text).toString('base64').replaceAll('=', ''),
  base64url: (text: string) => Buffer.from(text).toString('base64url'),
  hexadecimal: (text: string) => Buffer.from(text).toString('hex'),
  json: (text: string) => JSON.stringify(text).slice(1, -1),
  'json in json': (text: string) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
}
