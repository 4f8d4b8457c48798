import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listItems } from '../../../src/agent/data/listItems.js';
import type { ChannelObject } from '../../../src/agent/data/channelObject.js';
import { trainingJobSchema } from '../../../src/agent/job/trainingJobRequest.js';
import { channelOf, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();

type More = NonNullable<Parameters<typeof channelOf>[2]>;

async function list(uri: string, relativeTo = '/', more: More = {}) {
  const job = trainingJobSchema().parse({ InputDataConfig: [channelOf('train', uri, more)] });
  const items = await listItems(job.InputDataConfig[0]!, {
    relativeTo,
    s3Map: [],
    stores: [],
    configPath: 'InputDataConfig[0]',
  });
  return items.flat() as ChannelObject[];
}

const keys = async (...location: Parameters<typeof list>) => (await list(...location)).map(({ key }) => key);

describe('listObjects', () => {
  it('sorts keys by their bytes, as S3 lists them', async () => {
    // U+FF5E comes before U+1F600 in UTF-8, and after it in UTF-16.
    const names = ['a/b', 'a.b', 'a0', 'B', '_', '10', '9', '\u{1F600}', '\uFF5E', '.hidden', 'a/.c/d'];
    const data = folder(Object.fromEntries(names.map((name) => [name, ''])));
    const sorted = ['.hidden', '10', '9', 'B', '_', 'a.b', 'a/.c/d', 'a/b', 'a0', '\uFF5E', '\u{1F600}'];
    expect(await keys(data)).toEqual(sorted);
  });

  it('accepts a folder, a file or a file:// URL, relative to the given folder', async () => {
    const data = folder({ 'with space/a': '12345' });
    const path = join(data, 'with space/a');
    for (const uri of [path, 'with space/a', './with space', pathToFileURL(path).href, `FILE://${encodeURI(path)}`]) {
      expect(await list(uri, data)).toMatchObject([{ path, byteLength: 5 }]);
    }
  });

  it("does not match neighbours whose name begins with the folder's name", async () => {
    expect(await keys('train', folder({ 'train/a': '', 'train2/b': '' }))).toEqual(['a']);
  });

  it('uses the name of a single file as its key', async () => {
    expect(await keys(join(folder({ 'sub/train.csv': '1' }), 'sub/train.csv'))).toEqual(['train.csv']);
  });

  it('follows a link to a file of the same folder', async () => {
    const data = folder({ 'sub/a': '12' });
    symlinkSync('sub/a', join(data, 'link'));
    expect(await list(data)).toMatchObject([
      { key: 'link', byteLength: 2 },
      { key: 'sub/a', byteLength: 2 },
    ]);
  });

  const refusals: [string, RegExp, (data: string) => void][] = [
    ['an empty folder', /the folder .* contains no file/, (data) => mkdirSync(join(data, 'sub'))],
    [
      'a link that leads out',
      /is outside of the folder .*: its real path is \/proc/,
      (data) => symlinkSync('/proc/version', `${data}/l`),
    ],
    [
      'a link to a folder',
      /not a regular file/,
      (data) => {
        mkdirSync(`${data}/sub`);
        symlinkSync('sub', `${data}/link`);
      },
    ],
    ['a link to nothing', /cannot read .*link: it does not exist/, (data) => symlinkSync('gone', `${data}/link`)],
    ['a link to itself', /cannot read .*ring: ELOOP/, (data) => symlinkSync('ring', `${data}/ring`)],
    [
      'a link that leads to a device',
      /is outside of the folder .*: its real path is \/dev\/zero/,
      (data) => symlinkSync('/dev/zero', `${data}/l`),
    ],
    ['a FIFO', /not a regular file/, (data) => execFileSync('mkfifo', [`${data}/fifo`])],
  ];

  it.each(refusals)('refuses %s', async (_, message, prepare) => {
    const data = folder();
    prepare(data);
    await expect(list(data)).rejects.toThrow(message);
  });

  it('names the channel, the path and its key in the job when there is no file', async () => {
    const listing = list('gone', '/tmp/nowhere');
    await expect(listing).rejects.toThrow(/^channel "train": cannot read \/tmp\/nowhere\/gone: it does not exist/);
    await expect(listing).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      path: 'InputDataConfig[0].DataSource.S3DataSource.S3Uri',
    });
  });

  it('names the channel when the status of a listed file cannot be read', async () => {
    const data = folder();
    const name = 'n'.repeat(200);
    const [short, long] = [join(data, 'd'), join(data, name)];
    const levels = Math.floor((4090 - long.length) / (name.length + 1));
    const below = Array<string>(levels).fill(name).join('/');
    mkdirSync(join(short, below), { recursive: true });
    // The path of the file is valid only below the short name. Linux allows 4,095 bytes.
    writeFileSync(join(short, below, 'f'.repeat(4096 - join(long, below).length)), '');
    renameSync(short, long);
    try {
      await expect(list(data)).rejects.toThrow(/^channel "train": cannot read .*ENAMETOOLONG/);
    } finally {
      renameSync(long, short);
    }
  });

  it('rejects a device instead of a file', async () => {
    await expect(list('/dev/zero')).rejects.toThrow('/dev/zero is not a regular file');
  });

  it('refuses a file:// URL of another machine', async () => {
    await expect(list('file://elsewhere/data')).rejects.toThrow('not a file:// URL of this machine');
  });
});
