import { field } from '../form.ts'
import { authoritiesField } from './tls.ts'

/** Who is trusted beside the public authorities, for services whose own certificates are of public ones. */
export const proxyAuthoritiesField = field(authoritiesField, {
  label: 'Certificate authorities',
  help: 'PEM text of the authorities of a proxy that opens encrypted connections, trusted in addition to the public ones.',
  placeholder: '-----BEGIN CERTIFICATE-----',
  section: 'connection',
  destination: true,
  multiline: true,
  advanced: true,
})
