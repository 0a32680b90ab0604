/** A form field with the host that a driver dials. */
export interface DialledField {
  readonly path: string
  /** A valid form's input in which the field, and the port beside it, have these values. */
  input(host: string, port: number): unknown
}

/** For each type the fields whose hosts it dials; null for a type that never dials. */
export const dialledFields: Readonly<Record<string, readonly DialledField[] | null>> = {
  POSTGRES: [
    {
      path: 'host',
      input: (host, port) => ({ host, port, auth: { password: { username: 'ann', password: 'pw' } } }),
    },
    {
      path: 'sshTunnel.host',
      input: (host, port) => ({
        host: 'db.internal',
        auth: { password: { username: 'ann', password: 'pw' } },
        sshTunnel: { host, port, username: 'ann', auth: { password: { password: 'pw' } } },
      }),
    },
  ],
  SIMULATOR: null,
}
