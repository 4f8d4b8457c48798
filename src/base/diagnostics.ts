import { channel, type Channel } from 'node:diagnostics_channel';

/**
 * The channels of `node:diagnostics_channel`. Check `hasSubscribers` before making a message, so that a message without
 * a listener costs only this check.
 */
export const DIAGNOSTICS = {
  gate: channel('millrace:gate'),
  source: channel('millrace:source'),
  epoch: channel('millrace:epoch'),
  worker: channel('millrace:worker'),
} satisfies Readonly<Record<string, Channel>>;
