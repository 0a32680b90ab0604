import type { Installation } from './install.ts'
import { installNpm, type NpmPackage, npmHome } from './npm-install.ts'

/** The version that most people run, on Express, and the one that follows it, which gives out pages in another way. */
const versions = {
  classic: { name: 'json-server', version: '0.17.4' },
  next: { name: 'json-server', version: '1.0.0-beta.15' },
} as const satisfies Record<string, NpmPackage>

export type JsonServerVersion = keyof typeof versions

export const jsonServerHome = (version: JsonServerVersion): string => npmHome(versions[version])

/** Gets json-server, a public server of made-up REST APIs. */
export const installJsonServer = (version: JsonServerVersion): Promise<Installation> => installNpm(versions[version])
