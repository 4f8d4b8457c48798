import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { TrainingJobRequest } from 'millrace/agent';
import { testsFolder } from '../support/testsFolder.js';

type Channel = TrainingJobRequest['InputDataConfig'][number];

/** Makes a folder with the given files. The caller must remove it. */
export function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(testsFolder, 'millrace-test-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Returns a function that makes folders. Removes all of them after each test. */
export function temporaryFolders(): typeof temporaryFolder {
  const folders: string[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));
  return (files) => {
    const folder = temporaryFolder(files);
    folders.push(folder);
    return folder;
  };
}

/** Returns the declaration of a channel. */
export function channelOf(name: string, uri: string, more: Partial<Channel> = {}): Channel {
  return { ChannelName: name, DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: uri } }, ...more };
}

/** Returns the declaration of a channel with a manifest. */
export function manifestChannel(name: string, uri: string, more: Partial<Channel> = {}): Channel {
  return { ChannelName: name, DataSource: { S3DataSource: { S3DataType: 'ManifestFile', S3Uri: uri } }, ...more };
}

/** Returns the declaration of a channel with an augmented manifest, whose attributes become records. */
export function augmentedChannel(name: string, uri: string, AttributeNames: readonly string[]): Channel {
  const S3DataSource = { S3DataType: 'AugmentedManifestFile', S3Uri: uri, AttributeNames } as const;
  return { ChannelName: name, DataSource: { S3DataSource }, RecordWrapperType: 'RecordIO' };
}

/** Returns the same channel with sharding. */
export function sharded({ DataSource, ...channel }: Channel): Channel {
  const S3DataSource = { ...DataSource.S3DataSource, S3DataDistributionType: 'ShardedByS3Key' } as const;
  return { ...channel, DataSource: { S3DataSource } };
}

/** Reads a FIFO to its end in a new process. */
export async function cat(path: string): Promise<Buffer> {
  const { stdout } = await promisify(execFile)('cat', [path], { encoding: 'buffer', maxBuffer: 2 ** 26 });
  return stdout;
}

/** Returns the files below a folder that this process has open. */
export function openFilesBelow(folder: string): string[] {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The descriptor of the listing is closed already.
      return '';
    }
  });
  return links.filter((link) => link.startsWith(folder));
}
