import type { ConnectorType } from '../connectors/define.ts'

/** Letters alone, so that "Élasticsearch" is found by "elastic". */
const plain = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** Whether every word of a search is somewhere in what the catalogue says of a type. */
export function matchesSearch(
  type: Pick<ConnectorType, 'label' | 'description' | 'keywords'>,
  search: string,
): boolean {
  const text = plain([type.label, type.description, ...type.keywords].join('\n'))
  return plain(search)
    .split(/\s+/)
    .every(word => text.includes(word))
}
