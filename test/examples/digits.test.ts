import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { compiled, MILLRACE } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

const RECORDS = 1437;
// The fastest installed backend, or that of `npm run test:tfjs-node`.
const BACKENDS = env['TFJS_BACKEND'] === undefined ? ['tensorflow', 'wasm', 'cpu'] : [env['TFJS_BACKEND']];

const TRAIN = [compiled('examples/digits/train.ts')];
/** As `npm run demo` starts the script. Under tsx, backends load differently. */
const TRAIN_FROM_SOURCE = ['--import', 'tsx', 'examples/digits/train.ts'];

const run = (...args: string[]) => spawnSync(execPath, args, { encoding: 'utf8' });

/** Trains with the channels of the local agent. */
const demo = (train: readonly string[], ...args: string[]) =>
  run(MILLRACE, 'local', 'examples/digits/job.json', '--', execPath, ...train, ...args);

describe('the digits demo', () => {
  it('learns the digits from FIFOs: 0.95 and more of the test records, all training records in each epoch', () => {
    const { status, stdout, stderr } = demo(TRAIN, '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trim().split('\n');
    const result = JSON.parse(lines.at(-1) ?? '') as Record<string, number>;
    expect(Object.keys(result)).toEqual(['accuracy', 'epochs', 'records', 'backend', 'inputWaitMs', 'verdict']);
    expect(result['accuracy']).toBeGreaterThanOrEqual(0.95);
    expect(result['epochs']).toBeGreaterThanOrEqual(10);
    expect(result['records']).toBe((result['epochs'] ?? 0) * RECORDS);
    expect(BACKENDS).toContain(result['backend']);
    expect(result['inputWaitMs']).toBeGreaterThan(0);
    expect(result['verdict']).toMatch(/^training waited for input \d+ % of the time/);
    expect(
      lines.filter((line) => /^epoch +\d+\/\d+ {2}loss \d\.\d{4} {2}test accuracy \d\.\d{4}$/.test(line)),
    ).toHaveLength(result['epochs'] ?? 0);
  }, 120_000);

  it('ends with a table, and with where the time went, also as a page', () => {
    const page = join(newFolder(), 'demo.html');
    const { status, stdout } = demo(TRAIN_FROM_SOURCE, '--epochs', '2', '--page', page);
    expect(status).toBe(0);
    expect(stdout).toMatch(/│ epochs +│ +2 │/);
    expect(stdout).toMatch(/│ records +│ +2,874 │/);
    expect(stdout).toMatch(/│ MB read +│ +0\.32 │/);
    for (const row of ['test accuracy', 'records/s', 'waited for input', 'backend'])
      expect(stdout).toContain(`│ ${row} `);
    expect(stdout).toMatch(/\nchannel\("train"\) +\d+ +0\.32 +\d+ [^]*\ndecodeTFRecord +\d+ +0\.32 +2,874 /);
    expect(stdout).toMatch(/\nshuffle\(1437\) .* of 1,437 [^]*\nprefetch\(4\) /);
    expect(stdout.trim().split('\n').at(-2)).toMatch(/^training waited for input \d+ % of the time.*\.$/);
    expect(stdout.trim().split('\n').at(-1)).toBe(`See ${pathToFileURL(page).href}`);
    expect(readFileSync(page, 'utf8')).toContain('2 epochs');
  }, 120_000);

  it('refuses a number of epochs that is none, and tells its options', () => {
    const bad = run(...TRAIN, '--epochs', '0');
    expect(bad.status).not.toBe(0);
    expect(bad.stderr).toContain('Expected a positive integer.');
    const help = run(...TRAIN, '--help');
    expect([help.status, help.stdout]).toEqual([0, expect.stringContaining('--json')]);
  }, 120_000);
});
