import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { refuseInput } from '../../src/cli/refuseInput.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

describe('refuseInput', () => {
  let folder: string;

  /** Writes shard 3, the manifest and a file of another name. */
  beforeEach(() => {
    folder = newFolder();
    mkdirSync(join(folder, 'out'));
    for (const name of ['part-00003.jsonl', 'part.jsonl.manifest.json', 'other.txt', 'part-123456.jsonl'])
      writeFileSync(join(folder, 'out', name), '1\n');
    symlinkSync('out/part-00003.jsonl', join(folder, 'soft.txt'));
    linkSync(join(folder, 'out/other.txt'), join(folder, 'hard.txt'));
    symlinkSync('out', join(folder, 'link'));
  });

  const refuse = (to: string, pattern: string, isRecords = true) =>
    refuseInput({ to: join(folder, to), isRecords }, [{ pattern: join(folder, pattern) }]);

  it.each([
    ['an existing shard that is not the first', 'out/part-00003.jsonl'],
    ['an existing shard with a high number', 'out/part-1*.jsonl'],
    ['the manifest', 'out/*.json'],
    ['a link to a shard', 'soft.txt'],
    ['a shard through a link to its folder', 'link/part-00003.jsonl'],
    ['a new shard that is not the first', 'out/part-*7.jsonl'],
    ['the folder', 'out'],
  ])('refuses shards if the pipeline reads %s', async (_, pattern) => {
    const refused = expect(refuse('out/part-{shard}.jsonl', pattern)).rejects;
    await refused.toMatchObject({ name: 'ConfigError', path: 'to' });
    await expect(refuse('out/part-{shard}.jsonl', pattern)).rejects.toThrow(
      /^--to .*: the pipeline reads .*, which is one of the files that the run would write or remove\. Use a different/,
    );
  });

  it.each([
    ['the folder above it', ''],
    ['the folders above it', '.'],
    ['files at any depth', '**/*.jsonl'],
    ['files of its subfolders', '*/*/part-*.jsonl'],
    ['new files of the missing folder', 'out/new/part-*.jsonl'],
    ['the folder above it, through a link', 'link'],
  ])('refuses shards in a missing folder if the pipeline reads %s', async (_, pattern) => {
    await expect(refuse('out/new/part-{shard}.jsonl', pattern)).rejects.toThrow(/the pipeline reads .*part/);
  });

  it.each([
    ['beside it', 'out/*.txt'],
    ['with other names', '**/*.txt'],
    ['of a missing folder beside it', 'out/other/*.jsonl'],
  ])('takes shards in a missing folder if the pipeline reads files %s', async (_, pattern) => {
    await expect(refuse('out/new/part-{shard}.jsonl', pattern)).resolves.toBeUndefined();
  });

  it.each([
    ['another file of the folder', 'out/other.txt'],
    ['a pattern of other names', 'out/*.txt'],
    ['a missing file', 'none/a.txt'],
  ])('takes shards beside %s', async (_, pattern) => {
    await expect(refuse('out/part-{shard}.jsonl', pattern)).resolves.toBeUndefined();
  });

  it('refuses a file that is a hard link to an input', async () => {
    await expect(refuse('hard.txt', 'out/*.txt', false)).rejects.toThrow('the pipeline reads this file');
  });

  it.each([
    's3://bucket/out/part-00003.jsonl',
    'S3://bucket/out/part-00003.jsonl',
    's3://bucket/out/part-123456.jsonl',
    's3://bucket/out/part-*7.jsonl',
    's3://bucket/*/*.manifest.json',
    's3://bucket/out/',
    's3://bucket/out',
  ])('refuses objects of a bucket that %s reads', async (pattern) => {
    const refused = refuseInput({ to: 's3://bucket/out/part-{shard}.jsonl', isRecords: true }, [{ pattern }]);
    await expect(refused).rejects.toThrow(/the pipeline reads s3:\/\/bucket\/out\/part/);
  });

  it.each(['s3://bucket/out/other', 's3://other/out/', 's3://bucket/out/*.txt', 'out/part-*.jsonl'])(
    'takes objects beside those that %s reads',
    async (pattern) => {
      const taken = refuseInput({ to: 's3://bucket/out/part-{shard}.jsonl', isRecords: true }, [{ pattern }]);
      await expect(taken).resolves.toBeUndefined();
    },
  );
});
