import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { startMillrace } from '../cli/millrace.js';
import { compiled, compiledUrl } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { runningNats } from './support/natsTests.js';

const server = await runningNats('test/nats/localHelpers.test.ts');
const newFolder = temporaryFolders();

(server ? describe : describe.skip)('millrace local --helpers', () => {
  it('starts a server, helpers and the trainer, and ends them', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'data.txt'), 'a\n');
    const S3DataSource = { S3DataType: 'S3Prefix', S3Uri: 'data.txt' };
    const job = { InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource } }] };
    writeFileSync(join(folder, 'job.json'), JSON.stringify(job));
    const module = compiledUrl('test/nats/support/pipelines.ts');
    const code = `
      import { lastValueFrom, toArray } from 'rxjs';
      import { onHosts } from '${compiledUrl('src/nats/onHosts.ts')}';
      const item$ = onHosts(new URL('${module}'), { splits: ['a', 'b', 'c'], data: { items: 4 } });
      console.log((await lastValueFrom(item$.pipe(toArray()))).map(({ id }) => id).join(', '));
      console.log(process.env.NATS_URL);
    `;
    const words = ['--helpers', '2', '--module', compiled('test/nats/support/pipelines.ts'), join(folder, 'job.json')];
    const trainer = [execPath, '--input-type=module', '--eval', code];
    const { stdout, stderr, exitCode } = await startMillrace(['local', ...words, '--', ...trainer]).ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [items, url] = stdout.split('\n');
    const ids = ['a', 'b', 'c'].flatMap((split) => [0, 1, 2, 3].map((item) => `0 ${split} ${item}`));
    expect(items).toBe(ids.join(', '));
    await expect(fetch(String(url).replace('nats:', 'http:'))).rejects.toThrow();
  });

  it('fails before the trainer starts if the module of the helpers does not exist', async () => {
    const module = join(newFolder(), 'missing.js');
    const words = ['--helpers', '1', '--module', module, 'examples/digits/job.json'];
    const trainer = [execPath, '--eval', 'console.log("started")'];
    expect(await startMillrace(['local', ...words, '--', ...trainer]).ended).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `millrace: local: module: cannot read ${pathToFileURL(module).href}: it does not exist\n`,
    });
  });
});
