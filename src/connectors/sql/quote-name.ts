/** An identifier as the SQL standard quotes it: `Ann "A"` -> `"Ann ""A"""`. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
