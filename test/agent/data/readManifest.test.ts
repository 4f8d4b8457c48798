import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listItems } from '../../../src/agent/data/listItems.js';
import { trainingJobSchema } from '../../../src/agent/job/trainingJobRequest.js';
import { manifestChannel, temporaryFolders } from '../temporaryJob.js';

const folder = temporaryFolders();

const FILES = { 'data/a': '1', 'data/sub/b': '22', 'data/c': '333', 'other/d': '4444' };

/** Reads a manifest in the folder of the files. */
function read(manifest: unknown, { root = folder(FILES), manifestRoot = undefined as string | undefined } = {}) {
  const files = folder({ 'm.json': typeof manifest === 'string' ? manifest : JSON.stringify(manifest) });
  symlinkSync(join(files, 'm.json'), join(root, 'm.json'));
  const job = trainingJobSchema().parse({ InputDataConfig: [manifestChannel('train', 'm.json')] });
  return listItems(job.InputDataConfig[0]!, {
    relativeTo: root,
    s3Map: [],
    stores: [],
    configPath: 'InputDataConfig[0]',
    manifestRoot,
  });
}

describe('readManifest', () => {
  it.each([
    ['relative to the manifest', () => 'data/'],
    ['without a slash', () => './data'],
    ['a path', (root: string) => join(root, 'data')],
    ['a file:// URL', (root: string) => `${pathToFileURL(root).href}/data/`],
  ])('lists the keys below a prefix in their order: %s', async (_, prefixOf) => {
    const root = folder(FILES);
    const items = await read([{ prefix: prefixOf(root) }, 'c', 'sub/b', 'a', 'c'], { root });
    expect(items).toEqual(
      ['c', 'sub/b', 'a', 'c'].map((key) => [
        { key, path: join(root, 'data', key), byteLength: FILES[`data/${key}` as keyof typeof FILES].length },
      ]),
    );
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '[', 'the file is not JSON: line 1, column 2: the file may be truncated'],
    ['no array', { prefix: 'data' }, 'expected [{ "prefix": "…" }, "key", …]'],
    ['no prefix', ['a'], 'expected object'],
    ['no key', [{ prefix: 'data' }], 'expected [{ "prefix": "…" }, "key", …]'],
    ['more than a prefix', [{ prefix: 'data', more: 1 }, 'a'], 'unknown key "more": expected one of prefix'],
    ['a key that is no text', [{ prefix: 'data' }, 'a', 7], '[2]: expected string, found 7'],
    ['a prefix in S3', [{ prefix: 's3://bucket/data/' }, 'a'], 'entry 1: s3://bucket/data/a is in S3'],
    ['a prefix that is not there', [{ prefix: 'gone' }, 'a'], 'gone: it does not exist'],
    ['a prefix that leads out', [{ prefix: '..' }, 'a'], 'the prefix .. is outside of the folder'],
    ['a file:// URL that leads out', [{ prefix: 'file:///proc/' }, 'version'], 'is outside of the folder'],
    [
      'a key that is a URL',
      [{ prefix: 'data' }, 'file:///proc/version'],
      'is not the relative path of a file inside the prefix',
    ],
    ['a prefix elsewhere', [{ prefix: '/proc/' }, 'version'], 'the prefix /proc/ is outside of the folder'],
    [
      'a key that leads out',
      [{ prefix: 'data' }, 'a', '../../x'],
      'entry 2: "../../x" is not the relative path of a file inside',
    ],
    [
      'a key that leads to a neighbour',
      [{ prefix: 'data' }, 'sub/../../other/d'],
      'is not the relative path of a file inside',
    ],
    [
      'a key from the top',
      [{ prefix: 'data' }, '/proc/version'],
      'entry 1: "/proc/version" is not the relative path of a file',
    ],
    ['a folder', [{ prefix: 'data' }, 'a', 'sub'], 'data/sub is not a regular file'],
    ['a file that is not there', [{ prefix: 'data' }, 'a', 'gone'], 'entry 2: cannot read'],
    ['a character that no path has', [{ prefix: 'data' }, 'a\0'], 'entry 1: cannot read'],
  ])('refuses %s, naming the channel and the manifest', async (_, manifest, message) => {
    const reading = read(manifest);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/^channel "train": manifest .*m\.json: /);
    await expect(reading).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      path: 'InputDataConfig[0].DataSource.S3DataSource.S3Uri',
    });
  });

  it('rejects a link that is outside of the folder', async () => {
    const root = folder(FILES);
    symlinkSync('/proc/version', join(root, 'data/out'));
    await expect(read([{ prefix: 'data' }, 'a', 'out'], { root })).rejects.toThrow(
      /entry 2: .*data\/out is outside of the folder .*: its real path is \/proc\/version/,
    );
  });

  it('follows a link within the folder', async () => {
    const root = folder(FILES);
    symlinkSync('../other/d', join(root, 'data/in'));
    expect(await read([{ prefix: 'data' }, 'in'], { root })).toMatchObject([[{ key: 'in', byteLength: 4 }]]);
  });

  it('allows files in manifestRoot, and no others', async () => {
    const top = folder({ 'images/a': '1', 'secret/b': '2', 'one/x': '', 'two/x': '' });
    const manifestRoot = join(top, 'images');
    const readIn = (name: string, prefix: string, key: string) =>
      read([{ prefix }, key], { root: join(top, name), manifestRoot });
    expect(await readIn('one', '../images', 'a')).toMatchObject([[{ path: join(top, 'images/a') }]]);
    await expect(readIn('two', '../secret', 'b')).rejects.toThrow(`is outside of the folder ${manifestRoot}`);
  });

  it('rejects a manifest that never ends', async () => {
    const job = trainingJobSchema().parse({ InputDataConfig: [manifestChannel('train', '/dev/zero')] });
    const listing = listItems(job.InputDataConfig[0]!, {
      relativeTo: '/',
      s3Map: [],
      stores: [],
      configPath: 'InputDataConfig[0]',
    });
    await expect(listing).rejects.toThrow('the manifest /dev/zero is not a regular file');
  });

  it('names a manifest that does not exist', async () => {
    const job = trainingJobSchema().parse({ InputDataConfig: [manifestChannel('train', 'gone.json')] });
    const reading = listItems(job.InputDataConfig[0]!, { relativeTo: folder(), s3Map: [], stores: [], configPath: '' });
    await expect(reading).rejects.toThrow(/cannot read the manifest .*gone\.json: it does not exist/);
  });
});
