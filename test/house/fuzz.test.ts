import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { jest } from '@jest/globals';
import { TARGETS } from '../fuzz/targets.js';
import { compiled } from '../support/compiled.js';
import { runs as inputs } from '../support/runs.js';
import { testsFolder } from '../support/testsFolder.js';

// Half a minute of fuzzing, or twice as long on a busy machine.
jest.setTimeout(180_000);

interface Ended {
  readonly code: unknown;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(execPath, args, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, signal: error?.signal, stdout, stderr });
    });
  });
}

/** Runs `npm run fuzz --` without `tsx`, which is slow to start. */
const fuzz = (...args: readonly string[]): Promise<Ended> => run(compiled('test/fuzz/main.ts'), ...args);

describe('npm run fuzz', () => {
  it('finds no fault in the readers and parsers, with --quick', async () => {
    const { code, stdout, stderr } = await fuzz('--quick', '--runs', String(inputs(15_000, 3000)), '--json');
    expect(stderr).toContain(`0 of ${TARGETS.length} targets failed`);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as {
      readonly targets: readonly { readonly name: string; readonly runs: number }[];
    };
    expect(report.targets.map(({ name }) => name)).toEqual(TARGETS.map(({ name }) => name));
    for (const { runs } of report.targets) expect(runs).toBeGreaterThan(0);
    console.log(stderr.trim());
  });

  it('makes new inputs from inputs that run new code', async () => {
    const { code, stdout } = await fuzz('--target', 'Example', '--runs', '600', '--json');
    expect(code).toBe(0);
    const { targets } = JSON.parse(stdout) as { readonly targets: readonly [{ readonly corpus: number }] };
    const seeds = TARGETS.find(({ name }) => name === 'Example')!.seeds.length;
    expect(targets[0].corpus).toBeGreaterThan(seeds);
  });

  const inFolder = async (work: (file: string) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(testsFolder, 'millrace-test-'));
    try {
      await work(join(folder, 'input.bin'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('replays an input', () =>
    inFolder(async (file) => {
      writeFileSync(file, Uint8Array.of(1, 2, 3));
      const { code, stdout } = await run(
        '--import',
        'tsx',
        'test/fuzz/main.ts',
        '--target',
        'TFRecord',
        '--input',
        file,
        '--seed',
        '5',
      );
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'TFRecord takes this input as it should.\n' });
    }));

  it('ends at an input that hangs, and writes this input to a file', () =>
    inFolder(async (file) => {
      const { signal, stderr } = await run(compiled('test/fuzz/hangingInput.ts'), file);
      expect(signal).toBe('SIGKILL');
      expect(stderr).toContain(`--target name --input ${file} --seed 4000000000\n`);
      expect([...readFileSync(file)]).toEqual([1, 2, 3]);
    }));

  it('says which targets there are', async () => {
    const { code, stderr } = await fuzz('--target', 'nothing');
    expect(code).not.toBe(0);
    expect(stderr).toContain(TARGETS.map(({ name }) => name).join(', '));
  });
});
