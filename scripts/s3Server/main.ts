import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { problemOfSwift, startSwift } from './startSwift.js';

const CHECK_EVERY_MS = 500;

/** Resolves when a process has ended. */
async function endOf(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await setTimeout(CHECK_EVERY_MS);
  }
}

/** Returns the npm that runs this script. A killed npm does not end its script. */
function findNpm(): number | undefined {
  for (let pid = process.ppid; pid > 1;) {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('npm ')) return pid;
    pid = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  }
  return undefined;
}

function pidOf(text: string): number {
  const pid = Number(text);
  if (!Number.isSafeInteger(pid) || pid <= 0) throw new InvalidArgumentError('Expected the number of a process.');
  return pid;
}

/** Runs an S3 server until SIGINT or SIGTERM, or until npm ends. Prints the endpoint and the keys. Removes the data at the end. */
async function serve(accounts: readonly string[], { until = findNpm() }: { readonly until?: number }): Promise<void> {
  const problem = problemOfSwift();
  if (problem !== undefined) {
    console.error(`s3:server: ${problem}`);
    process.exitCode = 1;
    return;
  }
  const signal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const { endpoint, region, accessKeyId, secretAccessKey, stop } = await startSwift(accounts);
  console.log(`export AWS_ENDPOINT_URL_S3=${endpoint}`);
  console.log(`export AWS_REGION=${region} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`);
  console.log('# path style: new S3Client({ forcePathStyle: true })');
  console.log("# a bucket: aws s3 mb s3://my-bucket, or client.send(new CreateBucketCommand({ Bucket: 'my-bucket' }))");
  console.log('# The server is ready. Ctrl-C ends it and removes its data.');
  await Promise.race([signal, ...(until === undefined ? [] : [endOf(until)])]);
  await stop();
  process.exit();
}

await new Command('s3:server')
  .description('Runs OpenStack Swift as an S3 server on this machine, and prints the variables for the AWS SDK.')
  .argument('[account...]', 'more accounts, each with its own buckets and the access key <account>:tester')
  .option('--until <pid>', 'also stop when this process has ended', pidOf)
  .action(serve)
  .parseAsync();
