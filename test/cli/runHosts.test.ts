import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { writeFiles } from '../pipeline/recordFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { runMillrace } from './runMillrace.js';

const newFolder = temporaryFolders();
const order = { seed: 3, globalBatchSize: 4, lanes: 4 };

function newPipeline(channel: object) {
  const folder = newFolder();
  const lines = Array.from({ length: 10 }, (_, line) => `line ${line}\n`);
  writeFiles(folder, { 'data/a.txt': Buffer.from(lines.join('')) });
  const train = { files: `${folder}/data/*`, recordFormat: 'TextLine', encoding: 'utf8', ...channel };
  writeFileSync(join(folder, 'pipeline.json'), JSON.stringify({ channels: { train } }));
  return {
    run: (environment: Readonly<Record<string, string>>, ...args: string[]) =>
      runMillrace(['run', 'pipeline.json', '--quiet', ...args], { cwd: folder, environment }),
    linesOf: (file: string) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .flatMap((line) => JSON.parse(line) as string[]),
  };
}

describe('millrace run --hosts', () => {
  it('reads the parts of all pods of an Indexed Job of Kubernetes', async () => {
    const { run, linesOf } = newPipeline({ globalBatches: order });
    for (const index of ['0', '1', '2']) {
      const pod = { JOB_COMPLETION_INDEX: index };
      const { exitCode, stderr } = await run(pod, '--hosts', '3', '--to', `${index}.jsonl`);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    }
    const all = ['0.jsonl', '1.jsonl', '2.jsonl'].flatMap(linesOf);
    expect(all.sort()).toEqual(Array.from({ length: 10 }, (_, line) => `line ${line}`));
  });

  it.each([
    [{ JOB_COMPLETION_INDEX: '1' }, [], order, 'call hostOf({ count: 4 }), or add "--hosts 4" to millrace run.'],
    [{}, ['--hosts', '2'], order, 'no scheduler was found. Set RANK and WORLD_SIZE'],
    [{ RANK: '1', WORLD_SIZE: '2' }, ['--hosts', '3'], order, 'count: found 3, but RANK, WORLD_SIZE says'],
    [{ RANK: '1', WORLD_SIZE: '2' }, ['--hosts', '2'], undefined, '--hosts: no channel has "globalBatches"'],
  ])('refuses %j with %j', async (environment, args, globalBatches, message) => {
    const { run } = newPipeline({ globalBatches });
    const { exitCode, stderr } = await run(environment, ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
