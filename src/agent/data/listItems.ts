import { ConfigError } from '../../base/errors.js';
import { quote } from '../../base/showValue.js';
import { MAX_PART_BYTES } from '../../formats/recordio/recordIOLayout.js';
import type { JobChannel } from '../job/jobChannel.js';
import { listObjects } from './listObjects.js';
import type { Fault } from '../job/locate.js';
import { realPathOf, type LocalObject } from './localObject.js';
import { locate, type LocateOptions } from '../job/locate.js';
import { manifestPlace, type FindOptions } from './manifestPlace.js';
import { readAugmentedManifest } from './readAugmentedManifest.js';
import { readManifest } from './readManifest.js';

/** A file, or a text from an augmented manifest. */
export type ItemPart = LocalObject | Uint8Array;

/** The unit of shuffling and sharding: an object, or one line of an augmented manifest. */
export type ChannelItem = readonly ItemPart[];

export interface ListItemsOptions extends FindOptions, Omit<LocateOptions, 'fault'> {
  /** The channel's path in the job, such as `InputDataConfig[0]`. */
  readonly configPath: string;
}

/**
 * Returns the real path of a channel's folder, object or manifest.
 *
 * @throws ConfigError if it does not exist.
 */
export async function dataRoot(channel: JobChannel, options: ListItemsOptions): Promise<string> {
  const { S3Uri } = channel.DataSource.S3DataSource;
  const fault = faultOfUri(channel, options);
  const { path, root } = locate(S3Uri, { ...options, fault });
  return realPathOf(path, (message, cause) => {
    const way = root === undefined ? 'is this path' : 'is mapped to this path';
    return fault(`${message}. The S3Uri ${quote(S3Uri)} ${way}: put the data there, or correct the S3Uri`, cause);
  });
}

/**
 * Lists a channel's data in the order of the object keys or of the manifest.
 *
 * @throws ConfigError if there is no data, or if the agent cannot serve it.
 */
export async function listItems(channel: JobChannel, options: ListItemsOptions): Promise<readonly ChannelItem[]> {
  const fault = faultOfUri(channel, options);
  const items = await find(channel, fault, options);
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
  { relativeTo, s3Map, ...options }: ListItemsOptions,
): Promise<readonly ChannelItem[]> {
  const { path } = locate(S3DataSource.S3Uri, { relativeTo, s3Map, fault });
  const place = () => manifestPlace(path, fault, { ...options, s3Map });
  switch (S3DataSource.S3DataType) {
    case 'S3Prefix':
      return (await listObjects(path, fault, options.signal)).map((object) => [object]);
    case 'ManifestFile':
      return (await readManifest(await place())).map((object) => [object]);
    case 'AugmentedManifestFile':
      return readAugmentedManifest(await place(), S3DataSource.AttributeNames);
  }
}
