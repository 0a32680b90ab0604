/** Whether MongoDB keeps a collection of this name for itself: accounts with the hashes of passwords, profiles, sessions. */
export const isOwnCollection = (name: string): boolean => name.startsWith('system.') || name.includes('$')
