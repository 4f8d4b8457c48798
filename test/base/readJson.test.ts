import { spawn } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../src/base/errors.js';
import { readJson } from '../../src/base/readJson.js';
import { thrownBy } from '../formats/support/thrownBy.js';
import { makeFifo } from '../support/fifoWriter.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

function fileOf(text: string): string {
  const path = join(folder(), 'file.json');
  writeFileSync(path, text);
  return path;
}

describe('readJson', () => {
  it('reads a file of any length up to the limit', () => {
    const text = 'x'.repeat(200_000);
    expect(readJson(fileOf(JSON.stringify([text, 'é€😀'])))).toEqual([text, 'é€😀']);
  });

  it('skips a byte order mark', () => {
    expect(readJson(fileOf('\ufeff{"a":"\ufeff"}'))).toEqual({ a: '\ufeff' });
  });

  it('reads a pipe', async () => {
    const path = makeFifo(join(folder(), 'fifo'));
    const writer = spawn('sh', ['-c', 'echo \'{"a":1}\' > "$0"', path]);
    expect(readJson(path)).toEqual({ a: 1 });
    await new Promise((resolve) => writer.on('close', resolve));
  });

  it('throws for a file that is too long or endless, before it fills the memory', () => {
    const path = fileOf('');
    truncateSync(path, 64 * 1024 * 1024 + 1);
    for (const long of [path, '/dev/zero']) {
      expect(thrownBy(ConfigError, () => readJson(long)).message).toContain('is longer than 67108864 bytes');
    }
  });

  it('throws for a key that an object has twice, with both places', () => {
    const path = fileOf('{\n  "stages": [],\n  "stages": []\n}');
    expect(thrownBy(ConfigError, () => readJson(path)).message).toBe(
      `${path}: line 3, column 3: the key "stages" is used twice; the first use is in line 2, column 3: remove or rename one of the two.`,
    );
  });

  it('has different errors for a missing file and for a file that is not JSON', () => {
    const path = fileOf('{\n  "a": 1,\n}');
    expect(thrownBy(ConfigError, () => readJson(path, 'Write it.')).message).toBe(
      `${path} is not JSON: line 3, column 1: expected double-quoted property name, found "}": remove the comma before it. Write it.`,
    );
    const { message } = thrownBy(ConfigError, () => readJson('/nowhere/file.json', 'Write it.'));
    expect(message).toMatch(/^\/nowhere\/file\.json cannot be read: it does not exist\. Write it\.$/);
  });
});
