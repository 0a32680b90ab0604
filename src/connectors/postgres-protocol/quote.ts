/** An identifier for SQL text: `Ann "A"` -> `"Ann ""A"""`. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A string constant for SQL text, whatever the server's `standard_conforming_strings`. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? ` E${quoted}` : quoted
}
