import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { lastValueFrom, toArray } from 'rxjs';
import { channel, records } from 'millrace';
import { decodeTextLine, resumable } from 'millrace/operators';

/**
 * A process that reads one epoch of `train` with a cursor. Prints the number of opens of `inputdataconfig.json`, and
 * the number of records. Counts calls of the real function.
 */
const original = fs.openSync;
let reads = 0;
fs.openSync = (path, ...rest) => {
  if (typeof path === 'string' && path.endsWith('inputdataconfig.json')) reads++;
  return original(path, ...rest);
};
syncBuiltinESMExports();

const [, , baseDir = '', source] = process.argv;
const lines$ =
  source === 'channel'
    ? channel('train', { baseDir }).pipe(decodeTextLine())
    : records('train', { recordFormat: 'TextLine', baseDir });
const lines = await lastValueFrom(lines$.pipe(resumable(), toArray()));
process.stdout.write(`${reads} reads, ${lines.length} records`);
