import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { env, execPath } from 'node:process';
import { text } from 'node:stream/consumers';
import { describe, expect, it, jest } from '@jest/globals';
import { temporaryFolders } from '../../support/temporaryFolder.js';
import { compiled } from '../../support/compiled.js';
import { runs } from '../../support/runs.js';

jest.setTimeout(600_000);

const GIB = runs(7);

const newFolder = temporaryFolders();

async function soak(...args: string[]) {
  const tmp = newFolder();
  const child = spawn(execPath, [compiled('scripts/soak/main.ts'), ...args], {
    env: { ...env, TMPDIR: tmp },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = (await ended) as [number | null];
  // The folder also contains the compiler's cache.
  return { exitCode, stdout, stderr, left: readdirSync(tmp).filter((name) => name.startsWith('millrace')) };
}

describe('npm run soak', () => {
  it(`accounts for every record of ${GIB} GiB, in flat memory, and leaves nothing behind`, async () => {
    const { exitCode, stdout, stderr, left } = await soak('--gib', String(GIB), '--json');
    expect([exitCode, left, stderr]).toEqual([0, [], expect.stringMatching(/GiB, \d+ MB\/s, .*RSS/)]);
    const result = JSON.parse(stdout) as Record<'epochs' | 'cuts' | 'records' | 'gib', number> & {
      readonly memory: { readonly samples: number; readonly slope: number };
    };
    expect(result).toMatchObject({ isFlat: true, left: [] });
    for (const figure of [result.epochs, result.cuts, result.records, result.gib, result.memory.samples])
      expect(figure).toBeGreaterThan(0);
  });

  it('stops after so much time, and says what it has seen', async () => {
    const { exitCode, stdout, left } = await soak('--minutes', '0.02', '--seed', '7');
    expect([exitCode, left]).toEqual([0, []]);
    expect(stdout).toMatch(/each arrived exactly as often as expected, \d\.\d\d GiB in/);
    expect(stdout).toMatch(/^RSS (rises by .* MiB per GiB|was not measured)/m);
  });

  it.each([
    ['--gib', '0'],
    ['--minutes', 'x'],
    ['--seed', '-1'],
  ])('refuses %s %s', async (...args) => {
    const { exitCode, stderr } = await soak(...args);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Expected a')]);
  });
});
