import { writeSync } from 'node:fs';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { toAsyncIterable } from 'millrace';
import { runItems, runPipeline, type RunItem } from './snapshotRun.js';

/**
 * A process that reads one epoch. Ends with 3 if the items are wrong, otherwise with 0. Prints at its end if the items
 * came from the source or from the snapshot. With a second argument, the process kills itself after this number of
 * turns of the event loop.
 */
const [folder = '', turns = 'Infinity'] = process.argv.slice(2);
let turn = 0;
function endTurn(): void {
  if (turn++ >= Number(turns)) process.kill(process.pid, 'SIGKILL');
  setImmediate(endTurn).unref();
}
endTurn();

let fromSource = 0;
const items: RunItem[] = [];
for await (const item of toAsyncIterable(runPipeline(folder, () => fromSource++))) items.push(item);
if (!isDeepStrictEqual(items, runItems())) process.exit(3);
writeSync(1, `${fromSource > 0 ? 'source' : 'snapshot'} ${turn}`);
