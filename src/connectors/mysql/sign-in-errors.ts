/** The server asked for the password itself, over a connection on which it must not be sent. */
export class PasswordRefusedError extends Error {
  readonly plugin: string

  constructor(plugin: string) {
    super(`The server asked to see the password (${plugin}).`)
    this.name = 'PasswordRefusedError'
    this.plugin = plugin
  }
}

/** The account signs in by a plugin that this connector does not have. */
export class UnsupportedPluginError extends Error {
  readonly plugin: string

  constructor(plugin: string) {
    super(`The server asked for a sign-in by the plugin "${plugin}".`)
    this.name = 'UnsupportedPluginError'
    this.plugin = plugin
  }
}

/** An error of the server, whether it answers a statement or comes unasked before the server hangs up. */
export class ServerRefusalError extends Error {
  readonly errno: number

  constructor({ errno, message }: { readonly errno: number; readonly message: string }) {
    super(message)
    this.name = 'ServerRefusalError'
    this.errno = errno
  }
}
