import type { NetworkSettings } from '../define.ts'

/**
 * The place of the network guard: what a driver may dial is decided here, below every driver, before a job's code is
 * loaded. It does nothing yet, so for now only a type's own EGRESS step stands between a form and the network.
 */
export function installNetworkGuard(_settings: NetworkSettings): void {}
