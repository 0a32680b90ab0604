import type { Document } from 'mongodb'

type Check = (value: unknown) => boolean

const isFlag: Check = value => typeof value === 'boolean'
const isNumber: Check = value => typeof value === 'number'
const isText: Check = value => typeof value === 'string'
const isAny: Check = value => value !== undefined

/** The fields by which the driver knows one server, its limits and how it signs in. */
const known: Readonly<Record<string, Check>> = {
  ok: isNumber,
  ismaster: isFlag,
  isWritablePrimary: isFlag,
  helloOk: isFlag,
  secondary: isFlag,
  arbiterOnly: isFlag,
  hidden: isFlag,
  isreplicaset: isFlag,
  msg: isText,
  setName: isText,
  minWireVersion: isNumber,
  maxWireVersion: isNumber,
  maxBsonObjectSize: isNumber,
  maxMessageSizeBytes: isNumber,
  maxWriteBatchSize: isNumber,
  logicalSessionTimeoutMinutes: isNumber,
  connectionId: isNumber,
  saslSupportedMechs: value => Array.isArray(value) && value.every(isText),
  // Checked by whoever signs in.
  speculativeAuthenticate: isAny,
}

/**
 * As much of a hello as the driver needs. It takes each field for what it should be, and throws where nobody can catch
 * it when one is something else; and it is told nothing of other servers, so that it has nobody to follow.
 */
export const driverHello = (answer: Document): Document =>
  Object.fromEntries(
    Object.entries(answer).filter(([name, value]) => Object.hasOwn(known, name) && known[name]?.(value)),
  )

export const isHello = (command: Document): boolean => ['hello', 'isMaster', 'ismaster'].some(name => name in command)
