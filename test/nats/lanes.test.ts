import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import { toAsyncIterable } from '../../src/consumers/toAsyncIterable.js';
import { onHosts } from '../../src/nats/onHosts.js';
import { indexRecords } from '../../src/pipeline/lanes/indexRecords.js';
import { compiled } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { pipeline, type LaneData } from './support/lanePipeline.js';
import { helpers, newJob, runningNats } from './support/natsTests.js';

const server = await runningNats('test/nats/lanes.test.ts');
const url = server?.url ?? '';
const newFolder = temporaryFolders();
const MODULE = compiled('test/nats/support/lanePipeline.ts');
const LANES = 4;

(server ? describe : describe.skip)('onHosts with lanes of an index as splits', () => {
  const startHelper = helpers(url);

  it('emits the blocks of all lanes in the order of one machine, each record once, if a helper is killed', async () => {
    const files = newFolder();
    const lines = Array.from({ length: 1000 }, (_, i) => `record ${i}`);
    for (const part of [0, 1]) {
      const text = lines.slice(part * 500, (part + 1) * 500).join('\n');
      writeFileSync(join(files, `${part}.txt`), `${text}\n`);
    }
    const index = await indexRecords(files, { recordFormat: 'TextLine', blockBytes: 200 });
    const data: LaneData = { files, index, lanes: LANES, seed: 7 };
    const job = newJob();
    const options = { servers: url, job, data, splits: [0, 1, 2, 3], ackWaitMs: 1000, items: 4, attempts: 1000 };
    const batch$ = onHosts<string[]>(pathToFileURL(MODULE), options);
    const [first] = [0, 1].map(() => startHelper(job, '--module', MODULE));
    const orders: string[][] = [];
    for (const epoch of [0, 1]) {
      const found: string[][] = [];
      for await (const batch of toAsyncIterable(batch$))
        if (found.push(batch) === 10 && epoch === 0) first?.kill('SIGKILL');
      const own = options.splits.map((split) => pipeline(data, { split, index: split, epoch }).pipe(toArray()));
      expect(found).toEqual((await Promise.all(own.map((lane$) => firstValueFrom(lane$)))).flat());
      expect(found.flat().sort()).toEqual(lines.toSorted());
      orders.push(found.flat());
    }
    expect(orders[0]).not.toEqual(orders[1]);
  });
});
