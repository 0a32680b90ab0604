import { cleanText } from './problem.ts'

/** Whether a fact was measured on the connection that later carries credentials, or on a separate one without any. */
export type MeasuredOn = 'SAME_SOCKET' | 'PROBE'

/** A measured fact that a step shows to support its claim. Plain data. */
export type Evidence =
  | { readonly kind: 'TEXT'; readonly label: string; readonly measuredOn?: MeasuredOn; readonly value: string }
  | {
      readonly kind: 'ADDRESS'
      readonly label: string
      readonly measuredOn?: MeasuredOn
      readonly address: string
      readonly family: 'IPV4' | 'IPV6'
      /** What became of it: "connected in 3 ms", "refused", "not tried". */
      readonly outcome?: string
    }
  | {
      readonly kind: 'CERTIFICATE'
      readonly label: string
      readonly measuredOn?: MeasuredOn
      readonly subject: string
      readonly issuer: string
      /** RFC 3339. */
      readonly validFrom: string
      readonly validTo: string
      /** Colon-separated upper-case hexadecimal, as openssl prints it. */
      readonly sha256Fingerprint: string
      readonly subjectAltNames: readonly string[]
    }

/** A text that was measured on the connection itself. Servers choose such texts: they are cleaned and cut. */
export const measuredText = (label: string, value: string): Evidence => ({
  kind: 'TEXT',
  label,
  measuredOn: 'SAME_SOCKET',
  value: cleanText(value, 500),
})
