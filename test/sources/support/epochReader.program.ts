import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import process from 'node:process';
import { repeat, tap } from 'rxjs';
import { channel } from '../../../src/sources/channel.js';
import type { ReaderEvent, ReaderOptions } from './startReader.js';

/**
 * A process that reads epochs of a channel and writes down what it does, each line at once, so that it is there after
 * SIGKILL too. It can kill itself before a given step of claiming an epoch, or have the FIFO vanish before that.
 */
const { baseDir, log, epochs, fault, waits, options } = JSON.parse(process.argv[2] ?? '') as ReaderOptions;

const logFile = fs.openSync(log, 'a', 0o666);
const note = (event: ReaderEvent, what: string): void => {
  fs.writeSync(logFile, `${process.pid} ${event} ${what}\n`);
};

/** The steps of a claim, as they are seen by whoever replaces the functions that they call. */
let isFaultDue = fault !== undefined;
const steps = ['writeFileSync', 'renameSync', 'openSync', 'rmSync'] as const;
for (const step of steps) {
  const original = fs[step] as (path: string, ...rest: unknown[]) => unknown;
  const observed = (path: string, ...rest: unknown[]): unknown => {
    const name = `${step} ${basename(path)}`;
    // The job's configuration is read before a claim, and is no step of it.
    if (!name.endsWith('.json')) note('step', name);
    if (isFaultDue && name === fault?.before) {
      isFaultDue = false;
      if (fault.what === 'unlinked') fs.unlinkSync(path);
      else process.kill(process.pid, fault.what === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    }
    return original(path, ...rest);
  };
  Object.assign(fs, { [step]: observed });
}
syncBuiltinESMExports();

process.on('warning', (warning) => note('warned', `${(warning as { code?: string }).code ?? ''} ${warning.message}`));

let isFirst = true;
let text = '';
const epoch$ = channel('train', { baseDir, ...options }).pipe(
  tap({
    subscribe: () => {
      isFirst = true;
      text = '';
    },
    next: (chunk) => {
      if (isFirst) note('began', String(chunk.byteLength));
      isFirst = false;
      if (text.length < 20) text += Buffer.from(chunk.subarray(0, 20)).toString('latin1');
    },
    complete: () => note('ended', text),
  }),
);

function read(): void {
  epoch$.pipe(repeat({ count: epochs })).subscribe({
    error: (error: unknown) => note('failed', String(error)),
    complete: () => note('done', ''),
  });
}

note('ready', '');
fs.writeSync(1, 'ready');
if (waits) process.stdin.once('data', () => process.stdin.destroy()).once('close', read);
else read();
