const names = /^(?:x_)?(?:http_|original_|rewrite_)?method(?:_override)?$/
const parameters = /^(?:_(?:http_?)?|\$http_?)method$/

/**
 * Whether a header or parameter of this name tells some servers which method is meant, whatever the request says: WordPress
 * deletes for `GET /wp-json/wp/v2/posts/1?_method=DELETE`. A parameter that is just called `method` does not: some APIs choose
 * by it what to list.
 */
export function namesMethod(text: string): boolean {
  const [seen = ''] = text.split('\0')
  // As PHP and CGI read names.
  const name = seen
    .trim()
    .toLowerCase()
    .replace(/[\s.[-]/g, '_')
  return (name !== 'method' && names.test(name)) || parameters.test(name)
}
