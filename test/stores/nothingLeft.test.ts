import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { expect, it } from '@jest/globals';
import { compiled } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { FaultProxy, type Fault } from './support/faultProxy.js';
import { patternBytes, rangeServers } from './support/rangeServer.js';

const newFolder = temporaryFolders();
const newServer = rangeServers();
const bytes = patternBytes(10_000);

/** These faults are survivable, so the ending is that of the way of reading. */
const FAULTS: readonly Fault[] = [
  { kind: 'none' },
  { kind: 'cut', at: 700 },
  { kind: 'busy' },
  { kind: 'reset', at: 500 },
  { kind: 'drip', pieceBytes: 300 },
  { kind: 'none' },
];

it('a process that reads through a faulty network ends by itself, and leaves no socket, timer or other handle', async () => {
  const server = await newServer();
  for (const path of ['/x', '/silent-later', '/busy-later', '/whole', '/whole-later']) {
    server.serve(path, { bytes, etag: '"v1"' });
  }
  const busy = (response: ServerResponse) => response.writeHead(503, { 'retry-after': '20' }).end().writableEnded;
  server.answer = ({ url = '', headers: { range = '' } }, response) => {
    // The first range may be requested again, from a byte within the range.
    const isFirst = /^bytes=\d{1,3}-/.test(range);
    if (url === '/busy') return response.writeHead(503).end().writableEnded;
    if (url === '/silent') return true;
    if (url === '/silent-later') return !isFirst;
    if (url === '/busy-later') return !isFirst && busy(response);
    if (url !== '/whole-later') return false;
    response.writeHead(200, { etag: '"v1"', 'content-length': bytes.length }).write(bytes.subarray(0, 5000));
    return true;
  };
  const proxy = await FaultProxy.start(server.port);
  proxy.play(Array.from({ length: 60 }, () => FAULTS).flat());
  const urls = [proxy, server].map(({ port }) => `http://127.0.0.1:${port}`);
  // A pipe would be a resource of this process.
  const output = join(newFolder(), 'output');
  const fd = openSync(output, 'w');
  const reader = compiled('test/stores/support/reading.program.ts');
  const [exitCode] = (await once(
    spawn(execPath, [reader, ...urls], { stdio: ['ignore', fd, fd] }),
    'exit',
  )) as unknown[];
  closeSync(fd);
  await proxy.stop();
  expect(readFileSync(output, 'utf8').trimEnd().split('\n')).toEqual([
    'ranges to the end: complete',
    'whole to the end: complete',
    'many objects to the end: complete',
    'a refusal: ERR_CHANNEL_IO',
    'a server that stays busy: ERR_CHANNEL_IO',
    'a server that stays silent: ERR_CHANNEL_IO',
    'a whole object that is refused: ERR_CHANNEL_IO',
    'take(1): complete',
    'unsubscribed during requests: unsubscribed',
    'unsubscribed during waits: unsubscribed',
    'unsubscribed within a whole object: unsubscribed',
    'unsubscribed with objects ahead: unsubscribed',
    'aborted during requests: aborted',
    'aborted during waits: aborted',
  ]);
  expect(exitCode).toBe(0);
});
