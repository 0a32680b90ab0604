import type { Installation } from './install.ts'
import { installNpm, npmHome } from './npm-install.ts'

const s3rver = { name: 's3rver', version: '3.7.1' }
export const s3rverHome = npmHome(s3rver)

/** Gets s3rver, a server that understands S3. */
export const installS3rver = (): Promise<Installation> => installNpm(s3rver)
