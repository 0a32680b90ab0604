import type { EgressSettings, NetworkSettings } from '../../src/connectors/define.ts'

export interface NetworkOverrides extends Partial<Omit<NetworkSettings, 'egress'>> {
  readonly egress?: Partial<EgressSettings>
}

/** Network settings under which nothing but the public internet may be dialled and no name is known, but for what a test opens. */
export function networkSettings({ egress, ...rest }: NetworkOverrides = {}): NetworkSettings {
  return {
    egress: { allow: [], allowLoopback: false, allowPrivate: false, allowUnencrypted: false, ...egress },
    hosts: {},
    nameServers: [],
    searchDomains: [],
    dotsBeforeSearch: 1,
    infrastructure: [],
    ...rest,
  }
}
