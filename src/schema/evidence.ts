import type { Evidence } from '../connectors/evidence.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'

type EvidenceOf<K extends Evidence['kind']> = Extract<Evidence, { kind: K }>

const typeNames: Record<Evidence['kind'], string> = {
  TEXT: 'TextEvidence',
  ADDRESS: 'AddressEvidence',
  CERTIFICATE: 'CertificateEvidence',
}

export function defineEvidence({ builder }: SchemaParts) {
  const measuredOn = builder.enumType('EvidenceMeasuredOn', {
    description: 'Which connection a fact was measured on.',
    values: describedValues({
      SAME_SOCKET: 'The connection that carries the credentials.',
      PROBE: 'A separate connection, made without credentials.',
    }),
  })
  const family = builder.enumType('AddressFamily', {
    description: 'The kind of a network address.',
    values: describedValues({ IPV4: 'Internet Protocol version 4.', IPV6: 'Internet Protocol version 6.' }),
  })
  const evidence = builder.interfaceRef<Evidence>('Evidence').implement({
    description: 'A measured fact that supports what a step says.',
    resolveType: ({ kind }) => typeNames[kind],
    fields: t => ({
      label: t.exposeString('label', { description: 'What the fact is about.' }),
      measuredOn: t.field({
        type: measuredOn,
        nullable: true,
        description: 'Which connection it was measured on, where that matters.',
        resolve: parent => parent.measuredOn ?? null,
      }),
    }),
  })
  builder.objectRef<EvidenceOf<'TEXT'>>(typeNames.TEXT).implement({
    description: 'A fact in words.',
    interfaces: [evidence],
    fields: t => ({ value: t.exposeString('value', { description: 'The fact.' }) }),
  })
  builder.objectRef<EvidenceOf<'ADDRESS'>>(typeNames.ADDRESS).implement({
    description: 'A network address that was found or tried.',
    interfaces: [evidence],
    fields: t => ({
      address: t.exposeString('address', { description: 'The address.' }),
      family: t.field({
        type: family,
        description: 'Whether it is an IPv4 or an IPv6 address.',
        resolve: parent => parent.family,
      }),
      outcome: t.string({
        nullable: true,
        description: 'What became of it: "connected in 3 ms", "refused", "not tried".',
        resolve: parent => parent.outcome ?? null,
      }),
    }),
  })
  builder.objectRef<EvidenceOf<'CERTIFICATE'>>(typeNames.CERTIFICATE).implement({
    description: 'A certificate that the server showed.',
    interfaces: [evidence],
    fields: t => ({
      subject: t.exposeString('subject', { description: 'Whom it was issued to.' }),
      issuer: t.exposeString('issuer', { description: 'Who issued it.' }),
      validFrom: t.field({
        type: 'DateTime',
        description: 'When it becomes valid.',
        resolve: parent => parent.validFrom,
      }),
      validTo: t.field({ type: 'DateTime', description: 'When it expires.', resolve: parent => parent.validTo }),
      sha256Fingerprint: t.exposeString('sha256Fingerprint', {
        description: 'SHA-256 of the certificate, colon-separated upper-case hexadecimal.',
      }),
      subjectAltNames: t.stringList({
        description: 'The host names and addresses that it is good for.',
        resolve: parent => [...parent.subjectAltNames],
      }),
    }),
  })
  return evidence
}
