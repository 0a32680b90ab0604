import { z } from 'zod'
import { type Alternative, field, secret } from '../form.ts'

const fields = {
  region: field(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'Give a region such as "eu-west-1".'), {
    label: 'Region',
    help: 'The AWS region of the database.',
    placeholder: 'eu-west-1',
  }),
  accessKeyId: field(z.string().regex(/^[A-Z0-9]{16,128}$/, 'Give the access key id, such as "AKIA...".'), {
    label: 'Access key id',
    help: 'Of an identity that may sign in to the database by IAM.',
  }),
  secretAccessKey: secret(z.string().min(1).max(256), {
    label: 'Secret access key',
    help: 'It belongs to the access key id.',
  }),
  sessionToken: secret(z.string().min(1).max(8192).optional(), {
    label: 'Session token',
    help: 'Only for temporary credentials.',
  }),
}

/** The alternative of a type's `auth` for databases of Amazon RDS and Aurora. `username` is the type's own field. */
export const awsIamSignIn = <const U extends z.ZodType>(username: U) =>
  ({
    label: 'AWS IAM',
    help: 'For Amazon RDS and Aurora: a fresh token is made from the access key for each connection.',
    fields: { username, ...fields },
  }) satisfies Alternative
