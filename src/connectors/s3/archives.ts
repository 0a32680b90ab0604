import type { ListedObject } from './listing-page.ts'

/** Storage classes whose objects can be read only once they have been restored. */
const archives = ['GLACIER', 'DEEP_ARCHIVE']

/** Whether it probably has to be restored first: listings do not tell whether it has been. */
export const isArchive = ({ storageClass }: ListedObject): boolean =>
  storageClass !== null && archives.includes(storageClass)
