/** Of the partitions whose names end in amazonaws.com and amazonaws.com.cn; the isolated ones cannot be reached from elsewhere. */
const region = /^(?![a-z]{2}-iso)[a-z]{2}(?:-[a-z]+){1,4}-\d$/

/** Says what is wrong with a region as typed; null when it is one. Names of endpoints are made of it: nothing else gets in. */
export const regionIssue = (text: string): string | null =>
  text.length <= 40 && region.test(text) ? null : 'Give a region such as "eu-west-1".'

export type Partition = 'aws' | 'aws-cn' | 'aws-us-gov'

export function partitionOf(text: string): Partition {
  if (text.startsWith('cn-')) return 'aws-cn'
  return text.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
