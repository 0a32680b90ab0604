import type { DnsNames } from '../servers/dns-double.ts'

/** One way to ask for an address that must not be reached. */
export interface Route {
  /** What kind of trick it is. */
  readonly group: string
  /** As typed into a form's field. */
  readonly host: string
}

/** Addresses behind the routes: listeners wait on those that a machine can be given. */
export const loopbackTargets = ['127.0.0.1', '127.0.0.2', '127.1.2.3', '::1'] as const
/** Of networks that only a machine of its own can have: see the suite that runs in a network namespace. */
export const insideTargets = [
  '10.0.0.5',
  '172.16.0.9',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd12::1',
  '64:ff9b::a9fe:a9fe',
  '2002:a00:5::1',
  'fec0::1',
] as const

const routes = (group: string, ...hosts: readonly string[]): readonly Route[] => hosts.map(host => ({ group, host }))

/** Names that the corpus brings along, and what the name servers say about them. */
export const corpusNames: DnsNames = {
  'loopback.test': ['127.0.0.1'],
  'loopback-high.test': ['127.1.2.3'],
  'loopback6.test': ['::1'],
  'zero.test': ['0.0.0.0'],
  'zero6.test': ['::'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'translated.test': ['64:ff9b::a9fe:a9fe'],
  'sixtofour.test': ['2002:a00:5::1'],
  'a-internal.test': ['10.0.0.5'],
  'aaaa-internal.test': ['fd12::1'],
  'both-internal.test': ['10.0.0.5', 'fd12::1'],
  'mixed-families.test': ['1.1.1.1', 'fd12::1'],
  'mixed-families-reversed.test': ['10.0.0.5', '2606:4700::1111'],
  'mixed-addresses.test': ['1.1.1.1', '10.0.0.5'],
  'last-of-many.test': [...Array.from({ length: 15 }, (_, index) => `1.1.1.${index + 1}`), '10.0.0.5'],
  'thousand.test': Array.from({ length: 1_000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`),
  'alias.test': { aliases: ['a-internal.test'], addresses: ['10.0.0.5'] },
  'alias-chain.test': { aliases: ['one.test', 'two.test', 'three.test'], addresses: ['169.254.169.254'] },
  'alias-out-and-in.test': { aliases: ['public.example.com', 'loopback.test'], addresses: ['127.0.0.1'] },
  'metadata.google.internal': ['169.254.169.254'],
  'metadata.goog': ['169.254.169.254'],
  'metadata.azure.internal': ['168.63.129.16'],
  'metadata.tencentyun.com': ['169.254.0.23'],
  'instance-data.ec2.internal': ['169.254.169.254'],
  'kubernetes.default.svc': ['10.96.0.1'],
  '127.0.0.1.nip.test': ['127.0.0.1'],
  '169-254-169-254.nip.test': ['169.254.169.254'],
  '10.0.0.5.xip.test': ['10.0.0.5'],
  'xn--lopback-d1a.test': ['127.0.0.1'],
  'under_score.test': ['192.168.1.1'],
  'long-but-legal-label-long-but-legal-label-long-but-legal-label.test': ['192.168.1.1'],
}

/** Names of a hosts file. */
export const corpusHosts: { readonly [name: string]: readonly string[] } = {
  localhost: ['127.0.0.1', '::1'],
  'ip6-localhost': ['::1'],
  'localhost.localdomain': ['127.0.0.1'],
  'gateway.docker.internal': ['192.168.1.1'],
  'host.docker.internal': ['172.16.0.9'],
  patchbay: ['127.0.0.2'],
  'bare-metadata': ['169.254.169.254'],
}

const spellings: readonly Route[] = [
  ...routes('plain', '127.0.0.1', '127.0.0.2', '127.1.2.3', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::'),
  ...routes('private', '10.0.0.5', '172.16.0.9', '172.31.255.1', '192.168.1.1', '100.64.0.1', '198.18.0.1'),
  ...routes('private IPv6', 'fd12::1', 'fc00::1', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'),
  ...routes('documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'),
  ...routes('decimal', '2130706433', '167772165', '3232235777', '2852039166', '4294967295', '0'),
  ...routes('octal', '0177.0.0.1', '0177.0.0.01', '017700000001', '0251.0376.0251.0376', '010.0.0.5', '00.0.0.0'),
  ...routes('hexadecimal', '0x7f.0.0.1', '0x7f.1', '0x7f000001', '0X7F000001', '0xa9fea9fe', '0xa9.0xfe.0xa9.0xfe'),
  ...routes('mixed bases', '0x7f.0.0.01', '127.0x0.0.1', '0xc0.168.257', '10.0.05', '0x0a.0.0.5'),
  ...routes('short', '127.1', '127.0.1', '10.5', '169.254.43518', '127.', '192.168.257', '1'),
  ...routes('out of range', '127.0.0.257', '383.0.0.1', '127.0.0.1.1', '256.256.256.256', '4294967296'),
  ...routes('trailing dot', '127.0.0.1.', 'localhost.', '10.0.0.5.', 'loopback.test.', 'metadata.google.internal.'),
  ...routes('letter case', 'LOCALHOST', 'LocalHost', 'METADATA.Google.Internal', 'FD12::1', '::FFFF:7F00:1'),
  ...routes('other digits', '①②⑦.⓪.⓪.①', '１２７.０.０.１', '𝟏𝟐𝟕.𝟎.𝟎.𝟏', '١٢٧.٠.٠.١', '⑩.0.0.5', '16⑨.254.169.254'),
  ...routes('other dots', '127。0。0。1', '127．0．0．1', '127｡0｡0｡1', 'loopback。test', '169。254。169。254'),
  ...routes('other letters', 'ⓛocalhost', 'ｌｏｃａｌｈｏｓｔ', 'localhoſt', 'ⓜetadata.google.internal', 'ｆｄ12::1'),
  ...routes('brackets', '[::1]', '[127.0.0.1]', '[fd12::1]', '[::ffff:127.0.0.1]', '[::1', '::1]', '[::1]:5432'),
  ...routes('zone', 'fe80::1%lo', '::1%lo', '::1%25lo', 'fe80::1%1', '127.0.0.1%lo', 'fd12::1%eth0'),
  ...routes('user and port', 'user@127.0.0.1', '1.1.1.1@127.0.0.1', '127.0.0.1:5432', 'localhost:22', '@10.0.0.5'),
  ...routes('path', '127.0.0.1/', '127.0.0.1/x', 'a/../127.0.0.1', '/var/run/docker.sock', './x.sock', '127.0.0.1#a'),
  ...routes('query', '127.0.0.1?a', '1.1.1.1#@127.0.0.1', '1.1.1.1\\@127.0.0.1', '127.0.0.1;a', '127.0.0.1,1.1.1.1'),
  ...routes('scheme', 'http://127.0.0.1', 'postgres://127.0.0.1', 'file:///etc/passwd', 'unix:/var/run/docker.sock'),
  ...routes('blanks', ' 127.0.0.1', '127.0.0.1 ', '127.0.0.1\n', '127.0.0.1\t', '1.1.1.1 127.0.0.1', '127.0.0.1\u00a0'),
  ...routes('control characters', '127.0.0.1\0', '127.0.0.1\0.example.com', '127.0.0.1\r\nHost: a', '\0abstract'),
  ...routes('invisible characters', '127.0.0\u200b.1', '\u202e1.0.0.721', 'local\u00adhost', '\ufeff127.0.0.1'),
  ...routes('percent-encoding', '%31%32%37.0.0.1', '127%2e0%2e0%2e1', '%2Fvar%2Frun%2Fdocker.sock', '127.0.0.1%00'),
  ...routes('mapped IPv6', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.5', '::ffff:a9fe:a9fe'),
  ...routes('mapped IPv6', '0:0:0:0:0:ffff:127.0.0.1', '::FFFF:0.0.0.0', '0000:0000:0000:0000:0000:ffff:c0a8:0101'),
  ...routes('translated IPv6', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::169.254.169.254', '64:ff9b:1::a00:5'),
  ...routes('compatible IPv6', '::127.0.0.1', '::7f00:1', '::10.0.0.5', '::a9fe:a9fe', '::2'),
  ...routes('6to4', '2002:7f00:1::', '2002:a00:5::1', '2002:a9fe:a9fe::1'),
  ...routes('Teredo', '2001:0:7f00:1::', '2001::1', '2001:0:a9fe:a9fe:8000:63bf:3fff:fdd2'),
  ...routes('long IPv6', '0:0:0:0:0:0:0:1', '0000:0000:0000:0000:0000:0000:0000:0001', '0::1', '::0:1', '::0001'),
  ...routes('link-local', '169.254.1.1', '169.254.169.254', '169.254.170.2', 'fe80::1', 'febf::1', 'fec0::1'),
  ...routes('multicast', '224.0.0.1', '239.255.255.250', 'ff02::1', '255.255.255.255', '240.0.0.1'),
  ...routes(
    'metadata',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
    'fd00:42::42',
  ),
  ...routes('reserved', '100::1', '5f00::1', '192.88.99.1', '192.0.0.1', '2001:20::1'),
]

/** Every route: spellings, names of the name servers, and names of the hosts file. */
export const corpus: readonly Route[] = [
  ...spellings,
  ...Object.keys(corpusNames).map(host => ({ group: 'name servers', host })),
  ...Object.keys(corpusHosts).map(host => ({ group: 'hosts file', host })),
]

/** Two routes of each kind, for types of which every run costs a process of its own. */
export const shortCorpus: readonly Route[] = [...Map.groupBy(corpus, ({ group }) => group).values()].flatMap(routes =>
  routes.slice(0, 2),
)
