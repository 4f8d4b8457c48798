import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { erased } from '../../scripts/erased.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();

describe('erased', () => {
  it('names the file, the line and the column of a syntax error', async () => {
    const file = join(temporaryFolder(), 'wrong.ts');
    writeFileSync(file, 'const a = 1;\nconst b c = 2;\n');
    await expect(erased(file)).rejects.toThrow(`${file}:2:9: ',' expected.`);
  });

  it('names the file of code that is more than types', async () => {
    const file = join(temporaryFolder(), 'enum.ts');
    writeFileSync(file, 'enum A { B }\n');
    await expect(erased(file)).rejects.toThrow(`${file}: the types of this code cannot be erased: enum A { B }`);
  });
});
