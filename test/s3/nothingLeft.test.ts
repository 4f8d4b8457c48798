import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { CreateBucketCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { expect, it } from '@jest/globals';
import { compiled } from '../support/compiled.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { clientsOf } from './support/clientsOf.js';
import { runningSwift } from './support/runningSwift.js';

const newFolder = temporaryFolders();
const server = await runningSwift('test/s3/nothingLeft.test.ts');

(server ? it : it.skip)(
  'a process that writes to a bucket and reads from it ends by itself, and leaves no socket, timer, upload or memory',
  async () => {
    const { endpoint = '', accessKeyId = '', secretAccessKey = '' } = server ?? {};
    const client = clientsOf(server)();
    await client.send(new CreateBucketCommand({ Bucket: 'mill' }));
    // A pipe would be a resource of the process itself.
    const output = join(newFolder(), 'output');
    const fd = openSync(output, 'w');
    const program = [compiled('test/s3/support/uploading.program.ts'), endpoint, accessKeyId, secretAccessKey];
    const child = spawn(execPath, ['--expose-gc', '--no-warnings', ...program], { stdio: ['ignore', fd, fd] });
    const [exitCode] = (await once(child, 'exit')) as unknown[];
    closeSync(fd);
    expect(readFileSync(output, 'utf8').trimEnd().split('\n')).toEqual([
      'one put: complete',
      'parts to the end: complete',
      'a source that fails: failed',
      'a refusal: ERR_CHANNEL_IO',
      'aborted before a part: aborted',
      'aborted during parts: aborted',
      'read to the end: complete',
      'unsubscribed from a read: complete',
      'aborted read: aborted',
      'memory: released',
    ]);
    expect(exitCode).toBe(0);
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'mill' }));
    expect(Uploads).toEqual([]);
    client.destroy();
  },
  60_000,
);
