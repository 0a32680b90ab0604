import { stdout } from 'node:process'

const colourful = stdout.isTTY && !process.env['NO_COLOR']
const paint = (code: number) => (text: string) => (colourful ? `\u001b[${code}m${text}\u001b[0m` : text)

export const bold = paint(1)
export const dim = paint(2)
export const red = paint(31)
export const green = paint(32)
export const yellow = paint(33)
export const cyan = paint(36)

export function say(text = ''): void {
  stdout.write(`${text}\n`)
}

export function chapter(title: string): void {
  say()
  say(bold(cyan(`── ${title} `.padEnd(78, '─'))))
}

/** Rewrites the present line where there is a terminal to rewrite it on. */
export function sayOnSameLine(text: string): void {
  if (stdout.isTTY) stdout.write(`\r\u001b[2K${text}`)
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  say(`  ${dim(line(header))}`)
  for (const row of rows) say(`  ${line(row)}`)
}
