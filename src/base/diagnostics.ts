import { channel, type Channel } from 'node:diagnostics_channel';

/**
 * The channels of `node:diagnostics_channel`. Before a message is made, check `hasSubscribers`: without a listener, a
 * message then costs one comparison.
 */
export const DIAGNOSTICS = {
  gate: channel('millrace:gate'),
  source: channel('millrace:source'),
  epoch: channel('millrace:epoch'),
  worker: channel('millrace:worker'),
} satisfies Readonly<Record<string, Channel>>;
