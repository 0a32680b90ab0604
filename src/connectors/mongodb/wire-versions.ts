import { createRequire } from 'node:module'

// The border to the driver's inside: what it refuses to speak to is to be told before it is asked to sign in.
const driver = createRequire(import.meta.url)('mongodb/lib/cmap/wire_protocol/constants.js') as {
  readonly MIN_SUPPORTED_WIRE_VERSION: number
  readonly MAX_SUPPORTED_WIRE_VERSION: number
  readonly MIN_SUPPORTED_SERVER_VERSION: string
  readonly MAX_SUPPORTED_SERVER_VERSION: string
}

/** The versions of the protocol that the driver speaks. */
export const wireVersions = {
  least: driver.MIN_SUPPORTED_WIRE_VERSION,
  most: driver.MAX_SUPPORTED_WIRE_VERSION,
} as const

/** The versions of MongoDB that speak them, as words. */
export const serverVersions = {
  least: `MongoDB ${driver.MIN_SUPPORTED_SERVER_VERSION}`,
  most: `MongoDB ${driver.MAX_SUPPORTED_SERVER_VERSION}`,
} as const
