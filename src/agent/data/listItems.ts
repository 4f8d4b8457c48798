import { ConfigError } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';
import { MAX_PART_BYTES } from '../../formats/recordio/recordIOLayout.js';
import type { JobChannel } from '../job/jobChannel.js';
import { listObjects } from './listObjects.js';
import { listPrefix } from './listPrefix.js';
import type { Fault } from '../job/locate.js';
import type { ChannelObject } from './channelObject.js';
import { realPathOf } from './localObject.js';
import { isStored, locate, type LocateOptions } from '../job/locate.js';
import { manifestPlace, type FindOptions } from './manifestPlace.js';
import { readAugmentedManifest } from './readAugmentedManifest.js';
import { readManifest } from './readManifest.js';
import { requireFileNames } from './requireFileNames.js';

/** An object, or a text from an augmented manifest. */
export type ItemPart = ChannelObject | Uint8Array;

/** The unit of shuffling and sharding: an object, or one line of an augmented manifest. */
export type ChannelItem = readonly ItemPart[];

export function objectsOf(items: readonly ChannelItem[]): ChannelObject[] {
  return items.flat().filter((part): part is ChannelObject => !(part instanceof Uint8Array));
}

export interface ListItemsOptions extends FindOptions, Omit<LocateOptions, 'fault'> {
  /** The channel's path in the job, such as `InputDataConfig[0]`. */
  readonly configPath: string;
}

/**
 * Returns a URL in a store, or the real path of the folder, file or manifest.
 *
 * @throws ConfigError if the path does not exist.
 */
export async function dataRoot(channel: JobChannel, options: ListItemsOptions): Promise<string> {
  const { S3Uri } = channel.DataSource.S3DataSource;
  const fault = faultOfUri(channel, options);
  const place = locate(S3Uri, { ...options, fault });
  if (isStored(place)) return place.url;
  const { path, root } = place;
  return realPathOf(path, (message, cause) => {
    const way = root === undefined ? 'is this path' : 'is mapped to this path';
    return fault(`${message}. The S3Uri ${quote(S3Uri)} ${way}: put the data there, or correct the S3Uri`, cause);
  });
}

/**
 * Lists a channel's data in the order of the manifest. Without a manifest, sorts objects by key.
 *
 * @throws ConfigError if there is no data, or if the agent cannot serve it.
 */
export async function listItems(channel: JobChannel, options: ListItemsOptions): Promise<readonly ChannelItem[]> {
  const fault = faultOfUri(channel, options);
  const items = await find(channel, fault, options);
  if (channel.InputMode !== 'Pipe') requireFileNames(objectsOf(items), fault);
  const parts = channel.RecordWrapperType === 'RecordIO' ? items.flat() : [];
  const tooLong = parts.find(({ byteLength }) => byteLength > MAX_PART_BYTES);
  if (tooLong !== undefined) {
    const name = tooLong instanceof Uint8Array ? 'an attribute in the manifest' : tooLong.path;
    throw fault(
      `${name} is too long for one RecordIO record: expected at most ${MAX_PART_BYTES} bytes, found ${tooLong.byteLength}`,
    );
  }
  return items;
}

function faultOfUri({ ChannelName }: JobChannel, { configPath }: ListItemsOptions): Fault {
  const path = `${configPath}.DataSource.S3DataSource.S3Uri`;
  return (message, cause) => new ConfigError(`channel "${ChannelName}": ${message} (${path})`, { path, cause });
}

async function find(
  { DataSource: { S3DataSource } }: JobChannel,
  fault: Fault,
  options: ListItemsOptions,
): Promise<readonly ChannelItem[]> {
  const place = locate(S3DataSource.S3Uri, { ...options, fault });
  const manifest = () => manifestPlace(place, { ...options, fault });
  switch (S3DataSource.S3DataType) {
    case 'S3Prefix': {
      const list = isStored(place)
        ? listPrefix(place, fault, options.signal)
        : listObjects(place.path, fault, options.signal);
      return (await list).map((object) => [object]);
    }
    case 'ManifestFile':
      return (await readManifest(await manifest())).map((object) => [object]);
    case 'AugmentedManifestFile':
      return readAugmentedManifest(await manifest(), S3DataSource.AttributeNames);
  }
}
