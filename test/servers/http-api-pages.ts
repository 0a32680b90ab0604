import type { Order } from './http-api-data.ts'

/** An answer of the made-up API that is no misbehaviour. */
export interface ApiAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json: unknown
}

export interface PageQuestion {
  readonly orders: readonly Order[]
  readonly parameters: URLSearchParams
  /** With scheme and host, for links. */
  readonly url: URL
  /** Where the API decides how long a page is, and at most. */
  readonly pageSize: number
}

type Pages = (question: PageQuestion) => ApiAnswer

function numberOf(parameters: URLSearchParams, name: string, otherwise: number): number {
  const number = Number(parameters.get(name) ?? otherwise)
  return Number.isInteger(number) ? number : otherwise
}

const badRequest: ApiAnswer = { status: 400, json: { error: 'bad_request' } }

/** Long lists, by the ways in which APIs give them out. */
export const pageRoutes: Readonly<Record<string, Pages>> = {
  '/orders': ({ orders }) => ({ json: orders }),
  '/offset/orders': ({ orders, parameters, pageSize }) => {
    const offset = numberOf(parameters, 'offset', 0)
    const limit = Math.min(pageSize, numberOf(parameters, 'limit', pageSize))
    return { json: { data: { items: orders.slice(offset, offset + limit) }, total: orders.length } }
  },
  '/page/orders': ({ orders, parameters, pageSize }) => {
    const page = numberOf(parameters, 'page', 1)
    const size = Math.min(pageSize, numberOf(parameters, 'per_page', pageSize))
    return page < 1 ? badRequest : { json: orders.slice((page - 1) * size, page * size) }
  },
  '/page0/orders': ({ orders, parameters, pageSize }) => {
    const page = numberOf(parameters, 'p', 0)
    return { json: { results: orders.slice(page * pageSize, (page + 1) * pageSize) } }
  },
  '/cursor/orders': ({ orders, parameters, pageSize }) => {
    const after = parameters.get('cursor')
    const at = after === null ? 0 : Number(Buffer.from(after, 'base64url').toString().replace('after ', ''))
    if (!Number.isInteger(at)) return badRequest
    const end = at + pageSize
    // With characters that a URL has to escape.
    const next = end < orders.length ? Buffer.from(`after ${end}`).toString('base64url') : null
    return { json: { data: orders.slice(at, end), meta: { next_cursor: next } } }
  },
  '/link/orders': ({ orders, parameters, url, pageSize }) => {
    const page = numberOf(parameters, 'page', 1)
    const link = (number: number, rel: string) => {
      const target = new URL(url)
      target.searchParams.set('page', String(number))
      return `<${target}>; rel="${rel}"`
    }
    const last = Math.max(1, Math.ceil(orders.length / pageSize))
    const links = [link(1, 'first'), ...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')]
    return { json: orders.slice((page - 1) * pageSize, page * pageSize), headers: { link: links.join(', ') } }
  },
  '/relative-link/orders': ({ orders, parameters, pageSize }) => {
    const page = numberOf(parameters, 'page', 1)
    const more = page * pageSize < orders.length
    const next = new URLSearchParams(parameters)
    next.set('page', String(page + 1))
    return {
      json: orders.slice((page - 1) * pageSize, page * pageSize),
      headers: more ? { link: `<?${next}>; title="further, later; \\"more\\""; rel="up next"` } : {},
    }
  },
}
