import type { Certificate } from '../../servers/certificates.ts'
import { good, intermediate, issue, longChain, otherRoot, root, viaIntermediate } from './bad-tls-servers.ts'

export interface OddServer {
  readonly title: string
  readonly sends: readonly Certificate[]
  readonly tls?: Readonly<Record<string, unknown>>
  /** The labels of the certificates in the evidence. */
  readonly labels: readonly string[]
}

/** Servers that are odd but genuine: refusing them would be wrong. */
export const oddServers: readonly OddServer[] = [
  { title: 'its certificate alone', sends: [good], labels: ['Server certificate'] },
  {
    title: 'its intermediates in the wrong order',
    sends: [viaIntermediate, root, intermediate],
    labels: ['Server certificate', 'Also sent 1', 'Also sent 2'],
  },
  {
    title: 'a certificate that has nothing to do with it',
    sends: [good, otherRoot],
    labels: ['Server certificate', 'Also sent 1'],
  },
  {
    title: 'a chain of 99 certificates',
    sends: longChain(root),
    labels: ['Server certificate', ...Array.from({ length: 15 }, (_, index) => `Issuer ${index + 1}`)],
  },
  {
    title: 'a certificate of 60 KB',
    sends: [issue({ paddingBytes: 60_000 })],
    labels: ['Server certificate'],
  },
  {
    title: 'a certificate whose intermediate alone is trusted',
    sends: [viaIntermediate],
    tls: { caCertificates: intermediate.certificate },
    labels: ['Server certificate'],
  },
]
