import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostOf } from '../../src/hosts/hostOf.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

const NAMES = [
  'JOB_COMPLETION_INDEX',
  ...['SLURM_PROCID', 'SLURM_NTASKS', 'AWS_BATCH_JOB_ARRAY_INDEX', 'AWS_BATCH_JOB_ARRAY_SIZE', 'RANK', 'WORLD_SIZE'],
];
let before: Record<string, string | undefined>;

beforeEach(() => {
  before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
  for (const name of NAMES) Reflect.deleteProperty(process.env, name);
});
afterEach(() => {
  for (const name of NAMES) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, Object.fromEntries(Object.entries(before).filter(([, value]) => value !== undefined)));
});

/** Returns the host of a process with these variables. */
function hostWith(variables: Readonly<Record<string, string>>, options: object = {}) {
  Object.assign(process.env, variables);
  return hostOf({ baseDir: '/none', ...options });
}

function sageMaker(): string {
  const baseDir = newFolder();
  mkdirSync(join(baseDir, 'input/config'), { recursive: true });
  const resources = { current_host: 'algo-2', hosts: ['algo-1', 'algo-2', 'algo-3'] };
  writeFileSync(join(baseDir, 'input/config/resourceconfig.json'), JSON.stringify(resources));
  return baseDir;
}

describe('hostOf', () => {
  it.each([
    ['Kubernetes', { JOB_COMPLETION_INDEX: '2' }, { count: 4 }, 'JOB_COMPLETION_INDEX'],
    ['Slurm', { SLURM_PROCID: '2', SLURM_NTASKS: '4' }, {}, 'SLURM_PROCID, SLURM_NTASKS'],
    ['AWS Batch', { AWS_BATCH_JOB_ARRAY_INDEX: '2' }, { count: 4 }, 'AWS_BATCH_JOB_ARRAY_INDEX'],
    [
      'AWS Batch',
      { AWS_BATCH_JOB_ARRAY_INDEX: '2', AWS_BATCH_JOB_ARRAY_SIZE: '4' },
      {},
      'AWS_BATCH_JOB_ARRAY_INDEX, AWS_BATCH_JOB_ARRAY_SIZE',
    ],
    ['RANK', { RANK: '2', WORLD_SIZE: '4' }, {}, 'RANK, WORLD_SIZE'],
  ])('reads the variables of %s: %j', (scheduler, variables, options, source) => {
    expect(hostWith(variables, options)).toEqual({ count: 4, index: 2, scheduler, source });
  });

  it('reads resourceconfig.json of SageMaker', () => {
    const baseDir = sageMaker();
    const source = join(baseDir, 'input/config/resourceconfig.json');
    expect(hostOf({ baseDir })).toEqual({ count: 3, index: 1, scheduler: 'SageMaker', source });
    writeFileSync(source, '{}');
    expect(() => hostOf({ baseDir })).toThrow(`${source}:`);
  });

  it('is the only host without a scheduler, and if only the number of tasks is set, as in the shell of salloc', () => {
    const only = { count: 1, index: 0, scheduler: 'none', source: '' };
    expect(hostWith({})).toEqual(only);
    expect(hostWith({ SLURM_NTASKS: '4', RANK: '' })).toEqual(only);
  });

  it('names all sources if they agree, and refuses two that disagree', () => {
    const baseDir = sageMaker();
    const agreed = hostWith({ RANK: '1', WORLD_SIZE: '3' }, { baseDir });
    expect(agreed.source).toBe(`${baseDir}/input/config/resourceconfig.json and RANK, WORLD_SIZE`);
    expect(agreed.scheduler).toBe('SageMaker');
    expect(() => hostWith({ RANK: '1', WORLD_SIZE: '4', SLURM_PROCID: '0', SLURM_NTASKS: '2' })).toThrow(
      'hostOf: SLURM_PROCID, SLURM_NTASKS says that this is process 0 of 2, but RANK, WORLD_SIZE says that this is process 1 of 4. Remove',
    );
  });

  it('takes the count of another source if a scheduler sets only the index', () => {
    const pod = { JOB_COMPLETION_INDEX: '1' };
    expect(hostWith(pod, { baseDir: sageMaker() })).toMatchObject({ count: 3, index: 1, scheduler: 'SageMaker' });
    expect(hostWith({ ...pod, WORLD_SIZE: '4' })).toMatchObject({ count: 4, index: 1, scheduler: 'Kubernetes' });
    expect(hostWith({ ...pod, WORLD_SIZE: '4', RANK: '1' })).toMatchObject({ count: 4, index: 1 });
  });

  it.each([
    [
      { JOB_COMPLETION_INDEX: '2' },
      {},
      'JOB_COMPLETION_INDEX is 2, but the number of processes is unknown. Set WORLD_SIZE, call hostOf({ count: 4 }), or add "--hosts 4" to millrace run.',
    ],
    [{ RANK: '2' }, {}, 'the number of processes is unknown. Set WORLD_SIZE, call'],
    [{ RANK: '4', WORLD_SIZE: '4' }, {}, 'RANK: expected less than 4 (WORLD_SIZE), found 4.'],
    [{ JOB_COMPLETION_INDEX: '4' }, { count: 4 }, 'JOB_COMPLETION_INDEX: expected less than 4 (count), found 4.'],
    [{ RANK: '-1', WORLD_SIZE: '4' }, {}, 'RANK: expected an integer of at least 0, found "-1".'],
    [{ RANK: '0', WORLD_SIZE: '0' }, {}, 'WORLD_SIZE: expected an integer of at least 1, found "0".'],
    [
      { RANK: '0', WORLD_SIZE: '2' },
      { count: 3 },
      'count: found 3, but RANK, WORLD_SIZE says that this is process 0 of 2.',
    ],
    [{}, { count: 3 }, 'the index of this process among 3 is unknown, because no scheduler was found.'],
    [{}, { hosts: 3 }, 'unknown key "hosts"'],
  ])('refuses %j with %j', (variables, options, message) => {
    expect(() => hostWith(variables, options)).toThrow(message);
  });
});
