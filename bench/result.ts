/** One line of the report. Times are milliseconds unless the unit says otherwise. */
export interface Result {
  readonly what: string
  readonly measured: string
  readonly baseline: string
  /** What the target speaks of: a ratio to the baseline, or the measured number itself. */
  readonly reached: number
  readonly target: { readonly atLeast: number } | { readonly atMost: number }
}

const digits = (value: number): string => (value >= 10 ? String(Math.round(value)) : value.toFixed(2))

export function formatResults(results: readonly Result[]): string {
  const rows = results.map(({ what, measured, baseline, reached, target }) => {
    const [bound, met] =
      'atLeast' in target
        ? [`>= ${target.atLeast}`, reached >= target.atLeast]
        : [`<= ${target.atMost}`, reached <= target.atMost]
    return [what, measured, baseline, digits(reached), bound, met ? 'yes' : 'NO']
  })
  return formatTable(['work', 'Patchbay', 'baseline', 'reached', 'target', 'met'], rows)
}

/** A Markdown table that is also readable as plain text. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(header), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n')
}
