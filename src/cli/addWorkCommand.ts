import { InvalidArgumentError, type Command } from 'commander';
import type { runWork, WorkFlags } from './runWork.js';

const HELP = `
The trainer calls onHosts() of millrace/nats with the same job and the same file. Start any number of helpers, at any time:

  millrace work --servers nats://queue:4222 --job digits --module ./pipeline.js --threads 4

After SIGTERM or SIGINT, the helper requests no more splits, finishes the current splits, and ends. After --grace-seconds,
it returns unfinished splits to the queue. The packages @nats-io/transport-node and @nats-io/jetstream are required. If the
server uses no credentials file, set NATS_USER and NATS_PASSWORD, or NATS_TOKEN.`;

export function addWorkCommand(program: Command, load: () => Promise<typeof runWork>): void {
  program
    .command('work')
    .description('run a pipeline module for a trainer on another machine, over NATS JetStream')
    .requiredOption('--module <file>', 'the module, which exports a function pipeline(data, { split })')
    .option('--servers <urls>', 'the addresses of the NATS servers, separated by commas (default: NATS_URL)')
    .option('--job <name>', 'the name of the job, as in the trainer (default: MILLRACE_JOB)')
    .option('--threads <n>', 'the number of threads. Each thread works on one split', parseThreads, 1)
    .option('--grace-seconds <n>', 'the seconds from SIGTERM until unfinished splits are returned', parseSeconds, 20)
    .option('--creds <file>', 'the credentials file for the server')
    .option('--tls-ca <file>', "the PEM file of the server's certificate authority")
    .option('--tls-cert <file>', 'the PEM file of the certificate of this helper')
    .option('--tls-key <file>', 'the PEM file of the key of this helper')
    .option('--json', 'at the end, print the report as one line of JSON')
    .option('--quiet', 'show no progress and no report')
    .addHelpText('after', HELP)
    .action(async (flags: WorkFlags) => (await load())(flags));
}

function parseThreads(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('Expected a positive integer.');
}

/** A timer of more than 2^31 - 1 ms fires immediately. */
function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= 2_147_483) return seconds;
  throw new InvalidArgumentError('Expected a number of seconds from 0 to 2147483.');
}
