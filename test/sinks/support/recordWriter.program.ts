import { writeSync } from 'node:fs';
import process from 'node:process';
import { fromIterable, writeRecords } from 'millrace';
import { WRITER_OPTIONS, writerRecords } from './writerRun.js';

/** A process that writes the records of a run, or continues after an earlier process was killed. */
writeSync(1, 'ready');
await writeRecords(fromIterable(writerRecords()), process.argv[2] ?? '', { ...WRITER_OPTIONS, resume: true });
