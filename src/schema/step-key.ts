import type { StepKey } from '../connectors/connection-test.ts'
import type { Builder } from './builder.ts'
import { describedValues } from './enum-values.ts'

const keys: Record<StepKey, string> = {
  RESOLVE: 'The host name is turned into addresses.',
  EGRESS: 'This server may connect to these addresses.',
  TUNNEL: 'The SSH tunnel is opened.',
  CONNECT: 'A network connection is made.',
  GREET: 'The peer speaks the right protocol.',
  SECURE: 'The connection is encrypted and the server is who it should be.',
  TOPOLOGY: 'The other members of a cluster are found.',
  SIGN_IN: 'The credentials are accepted. They are tried once.',
  OPEN: 'The database, warehouse or bucket is usable.',
  READ: 'Something is really read.',
  LEAST_PRIVILEGE: 'The account can do no more than it needs.',
}

export const defineStepKey = (builder: Builder) =>
  builder.enumType('ConnectionTestStepKey', {
    description: 'What a step of a connection test establishes.',
    values: describedValues(keys),
  })
