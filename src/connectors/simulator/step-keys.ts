import type { StepKey } from '../connection-test.ts'

/** What each step is called in a plan and what it establishes, in the order in which the steps run. */
export const simulatedSteps = {
  RESOLVE: { label: 'Find the address', help: 'The host name is looked up.' },
  EGRESS: { label: 'Check that the address is allowed', help: 'This server may connect to the address.' },
  TUNNEL: { label: 'Open the SSH tunnel', help: 'Its own steps come first. No usual test has one.' },
  CONNECT: { label: 'Connect', help: 'A network connection is made.' },
  GREET: { label: 'Check that the right kind of server answers', help: 'The server speaks the right protocol.' },
  SECURE: { label: 'Encrypt and verify the server', help: 'The certificate is looked at.' },
  TOPOLOGY: { label: 'Look at the members of the cluster', help: 'No usual test has it.' },
  SIGN_IN: { label: 'Sign in', help: 'The credentials are tried once.' },
  OPEN: { label: 'Open the database', help: 'What is asked for exists and can be used.' },
  READ: { label: 'Read a row', help: 'Something is really read.' },
  LEAST_PRIVILEGE: { label: 'Check that the account can only read', help: 'If it fails, the test goes on.' },
} as const satisfies Record<StepKey, { readonly label: string; readonly help: string }>

export const simulatedKeys = Object.keys(simulatedSteps) as readonly StepKey[]
