/** A table with all columns but the first aligned to the right. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => index === 0 ? '---' : '--:')), ...rows.map(line)].join('\n')
}
