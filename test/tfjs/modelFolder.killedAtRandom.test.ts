import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { seededRandom } from '../../src/base/seededRandom.js';
import { modelFolder } from '../../src/tfjs/modelFolder.js';
import { compiled } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { loadBackend, type Tf } from './backends.js';
import { modelOf, valuesOf } from './modelOf.js';

/** `npm run test:thorough` kills 50 processes. */
const KILLS = Math.ceil(Number(process.env['MILLRACE_KILLS'] ?? 12) / 4);
const SEED = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1e6);

jest.setTimeout(300_000 + KILLS * 10_000);

const newFolder = temporaryFolders();

describe('modelFolder, killed at random', () => {
  let tf: Tf;
  beforeAll(async () => {
    tf = await loadBackend('cpu');
  });

  it('contains a whole model after each kill', async () => {
    const folder = newFolder();
    const random = seededRandom(SEED, 0);
    const found: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const args = [compiled('test/tfjs/savesModels.program.ts'), folder];
      const saving = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(saving.stdout, 'data');
      // Does not wait for an event: this is the time of the kill.
      await delay(random(100));
      saving.kill('SIGKILL');
      await once(saving, 'exit');
      const values = valuesOf(await tf.loadLayersModel(modelFolder(tf, folder)));
      expect({ seed: SEED, values }).toEqual({ seed: SEED, values: [expect.any(Number)] });
      found.push(...values);
    }
    process.stdout.write(`modelFolder, killed at random (seed ${SEED}): found the models ${found.join(', ')}\n`);
    await modelOf(tf, 0).save(modelFolder(tf, folder));
    expect(readdirSync(folder).sort()).toEqual(['model.json', expect.stringMatching(/^weights\.[0-9a-f]{16}\.bin$/)]);
  });
});
