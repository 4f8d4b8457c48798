/**
 * Channels and consumers for tests of pipelines.
 *
 * @module millrace/testing
 */
export { channelFromMarbles } from './channelFromMarbles.js';
export type { MarbleChannelOptions } from './channelFromMarbles.js';
export { consumeByHand } from './consumeByHand.js';
export type { ConsumeByHandOptions, HandConsumer, HandGate } from './consumeByHand.js';
export { framedRecords } from './framedRecords.js';
export type { FramedRecordsOptions } from './framedRecords.js';
