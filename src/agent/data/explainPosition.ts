import { ConfigError } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';
import { padded, PART_HEADER_BYTES } from '../../formats/recordio/recordIOLayout.js';
import { fifoName } from '../../sagemaker/channelName.js';
import type { ChannelData, FoundJob } from '../findChannels.js';
import { channelBytes } from './channelBytes.js';
import { itemsOfHost } from './epochItems.js';
import type { JobChannel } from '../job/jobChannel.js';
import type { ChannelItem, ItemPart } from './listItems.js';

export interface FifoPosition {
  readonly channel: string;
  readonly epoch: number;
  readonly unit: 'byte' | 'line';
  /** Bytes are counted from 0, lines from 1. */
  readonly position: number;
}

const NEWLINE = 0x0a;

/**
 * Finds the object that contains a position of a FIFO. Reads data only if the objects are compressed, or to count
 * lines.
 *
 * @returns one sentence, or one for each host if the sentences differ.
 * @throws ConfigError if the job has no such channel in Pipe mode, or if the epoch ends before the position on all
 *   hosts.
 */
export async function explainPosition(job: FoundJob, at: FifoPosition): Promise<readonly string[]> {
  const { hosts, channels } = job;
  const inPipeMode = channels.filter(({ channel }) => channel.InputMode === 'Pipe');
  const one = inPipeMode.find(({ channel }) => channel.ChannelName === at.channel);
  if (one === undefined) {
    const names = inPipeMode.map(({ channel }) => channel.ChannelName).join(', ') || 'this job has no such channel';
    throw new ConfigError(`--explain: expected a channel in Pipe mode (${names}), found "${at.channel}"`, {
      path: 'explain',
    });
  }
  const found: Explanation[] = [];
  for (const name of hosts) found.push(await explainItems(one, itemsOfHost(one, { name, hosts }, at.epoch), at));
  const isSame = found.every(({ sentence }) => sentence === found[0]?.sentence);
  const sentences = isSame
    ? found.slice(0, 1).map(({ sentence }) => sentence)
    : found.map(({ sentence }, index) => `${hosts[index]}: ${sentence}`);
  if (found.some(({ exists }) => exists)) return sentences;
  throw new ConfigError(`--explain: ${sentences.join('; ')}`, { path: 'explain' });
}

export function adviseExplain(
  path: string,
  { channel, epoch, complete }: Pick<FifoPosition, 'channel' | 'epoch'> & { readonly complete: boolean },
): string {
  const fifo = fifoName(channel, epoch);
  return (
    `the command ${complete ? 'may not have' : 'did not'} read ${fifo} to its end. If its error names a byte or a line of this FIFO, find the file: ` +
    `run \`millrace local ${path} --explain ${fifo}:byte:<n>\` (or ${fifo}:line:<n>) with the options --map, ` +
    '--s3-root, --store, --hosts and --manifest-root of this run'
  );
}

interface Explanation {
  readonly exists: boolean;
  readonly sentence: string;
}

interface Span {
  readonly part: ItemPart;
  readonly name: string;
  readonly start: number;
  /** The first byte after the RecordIO header. */
  readonly contentStart: number;
  /** The end of the content, before the RecordIO padding. */
  readonly contentEnd: number;
  readonly end: number;
}

async function explainItems(found: ChannelData, items: readonly ChannelItem[], at: FifoPosition): Promise<Explanation> {
  const { channel } = found;
  const subject = `${at.unit} ${at.position} of ${fifoName(channel.ChannelName, at.epoch)}`;
  const byte = at.unit === 'byte' ? at.position : await startOfLine(channelBytes(items, channel), at.position);
  let end = 0;
  for await (const span of spansOf(found, items)) {
    end = span.end;
    if (byte >= end) continue;
    const range = `bytes ${span.start} to ${end - 1} of the epoch`;
    const place =
      at.unit === 'byte'
        ? `is ${placeIn(span, byte, channel)}`
        : `begins in line ${await lineAt(span, byte, channel)} of ${span.name}`;
    return { exists: true, sentence: `${subject} ${place} (${range})` };
  }
  const size = at.unit === 'byte' ? end : await countLines(channelBytes(items, channel));
  const units = `${size} ${at.unit}${size === 1 ? '' : 's'}`;
  return { exists: false, sentence: `${subject} does not exist, because the epoch has ${units}` };
}

async function* spansOf(found: ChannelData, items: readonly ChannelItem[]): AsyncGenerator<Span, void, undefined> {
  const isRecordIO = found.channel.RecordWrapperType === 'RecordIO';
  let start = 0;
  for (const item of items) {
    for (const [index, part] of item.entries()) {
      const byteLength = await contentLength(part, found.channel);
      const contentStart = start + (isRecordIO ? PART_HEADER_BYTES : 0);
      const end = contentStart + (isRecordIO ? padded(byteLength) : byteLength);
      const name = part instanceof Uint8Array ? nameOfText(found, item, index) : part.path;
      yield { part, name, start, contentStart, contentEnd: contentStart + byteLength, end };
      start = end;
    }
  }
}

/** The decompressed bytes, without a RecordIO header. */
function contentOf(part: ItemPart, CompressionType: JobChannel['CompressionType']): AsyncIterable<Uint8Array> {
  return channelBytes([[part]], { CompressionType, RecordWrapperType: 'None' });
}

async function contentLength(part: ItemPart, { CompressionType }: JobChannel): Promise<number> {
  if (CompressionType === 'None') return part.byteLength;
  let byteLength = 0;
  for await (const chunk of contentOf(part, CompressionType)) byteLength += chunk.byteLength;
  return byteLength;
}

function nameOfText({ channel, root, items }: ChannelData, item: ChannelItem, index: number): string {
  const source = channel.DataSource.S3DataSource;
  const attribute = source.S3DataType === 'AugmentedManifestFile' ? source.AttributeNames[index] : undefined;
  return `the attribute ${quote(attribute ?? '')} in line ${items.indexOf(item) + 1} of ${root}, blank lines not counted`;
}

function placeIn({ name, contentStart, contentEnd }: Span, byte: number, { CompressionType }: JobChannel): string {
  if (byte < contentStart) return `in the RecordIO header of ${name}`;
  if (byte >= contentEnd) return `in the RecordIO padding after ${name}`;
  return `byte ${byte - contentStart} of ${name}${CompressionType === 'None' ? '' : ' after decompression'}`;
}

/** Returns `Infinity` if there are fewer lines. */
async function startOfLine(chunks: AsyncIterable<Uint8Array>, line: number): Promise<number> {
  let newlines = line - 1;
  let start = 0;
  for await (const chunk of chunks) {
    for (let at = 0; newlines > 0; newlines--) {
      at = chunk.indexOf(NEWLINE, at) + 1;
      if (at === 0) break;
      if (newlines === 1) return start + at;
    }
    if (newlines === 0) return start;
    start += chunk.byteLength;
  }
  return newlines === 0 ? start : Infinity;
}

/** Also counts a last line without a newline. */
async function countLines(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let lines = 0;
  let last = NEWLINE;
  for await (const chunk of chunks) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
    last = chunk.at(-1) ?? last;
  }
  return last === NEWLINE ? lines : lines + 1;
}

async function lineAt({ part, contentStart }: Span, byte: number, { CompressionType }: JobChannel): Promise<number> {
  let left = byte - contentStart;
  let line = 1;
  for await (const chunk of contentOf(part, CompressionType)) {
    const before = chunk.subarray(0, Math.max(left, 0));
    for (let at = before.indexOf(NEWLINE); at >= 0; at = before.indexOf(NEWLINE, at + 1)) line++;
    left -= chunk.byteLength;
    if (left <= 0) break;
  }
  return line;
}
