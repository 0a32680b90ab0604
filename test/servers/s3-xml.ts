import type { S3Object } from './s3-objects.ts'

const head = '<?xml version="1.0" encoding="UTF-8"?>\n'
const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

/** Control characters become what XML 1.0 has no place for: that is why clients ask for encoded keys. */
export const escapeXml = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  text.replace(/[<>&"\u0000-\u0008\u000b\u000c\u000d\u000e-\u001f]/g, character => `&#${character.charCodeAt(0)};`)

/** What stands in an element: text, or elements; a list stands for the element again and again. */
export type XmlContent = string | number | boolean | XmlFields | readonly XmlFields[]
export interface XmlFields {
  readonly [name: string]: XmlContent | undefined
}

const elements = (fields: XmlFields): string =>
  Object.entries(fields)
    .map(([name, value]) => {
      if (value === undefined) return ''
      if (Array.isArray(value)) return value.map(item => `<${name}>${elements(item)}</${name}>`).join('')
      const inner = typeof value === 'object' ? elements(value as XmlFields) : escapeXml(String(value))
      return `<${name}>${inner}</${name}>`
    })
    .join('')

/** A document of S3. */
export const s3Xml = (root: string, fields: XmlFields): string =>
  `${head}<${root} ${namespace}>${elements(fields)}</${root}>`

export const locationXml = (region: string): string =>
  `${head}<LocationConstraint ${namespace}>${region === 'us-east-1' ? '' : region}</LocationConstraint>`

/** An error, as S3 says it. */
export interface S3Error {
  readonly code: string
  readonly message: string
  readonly status: number
  /** Further elements of the document. */
  readonly fields?: XmlFields
}

export const s3Error = (code: string, status: number, message: string, fields: XmlFields = {}): S3Error => ({
  code,
  message,
  status,
  fields,
})

export const errorXml = ({ code, message, fields = {} }: S3Error, requestId: string, hostId: string): string =>
  `${head}<Error>${elements({ Code: code, Message: message, ...fields, RequestId: requestId, HostId: hostId })}</Error>`

/** With `encoding-type=url`: as forms are encoded, but for slashes. */
export const urlEncodedKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')

export const listedObject = (object: ListedObject, encode: (key: string) => string): XmlFields => ({
  Key: encode(object.key),
  LastModified: '2026-11-01T10:00:00.000Z',
  ETag: object.etag,
  Size: object.size,
  StorageClass: object.storageClass ?? 'STANDARD',
})

/** One line of a listing. */
export interface ListedObject {
  readonly key: string
  readonly size: number
  readonly etag?: string
  readonly storageClass?: string
}

export const asListed = ({ key, content, listedSize, etag, storageClass }: S3Object): ListedObject => ({
  key,
  size: listedSize ?? content.size,
  etag,
  ...(storageClass !== undefined && { storageClass }),
})
