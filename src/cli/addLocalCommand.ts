import { InvalidArgumentError, Option, type Command } from 'commander';
import type { FifoPosition } from '../agent/data/explainPosition.js';
import { MAX_HOSTS } from '../agent/job/maxHosts.js';
import { SCHEDULER_VARIABLES } from '../hosts/schedulerVariables.js';
import type { commandStore } from './commandStores.js';
import { addReportFileOptions, type ReportFileFlags } from './reportFileOptions.js';
import type { startLocalHelpers } from './localHelpers.js';
import type { runLocal } from './runLocal.js';
import { separatedCommand } from './separatedCommand.js';
import type { watchCommand } from './watchCommand.js';

const HELP = `
job.json is a CreateTrainingJob request. Each S3Uri is a folder or file relative to job.json, or an s3:// URI:

  { "InputDataConfig": [{ "ChannelName": "train",
      "DataSource": { "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": "data/train" } } }] }

s3:// URIs need --map, --s3-root or --store s3. If several of them match a URI, millrace uses --map before --s3-root, and
--s3-root before --store. Without --store, millrace never uses the network. --store s3 needs the package
@aws-sdk/client-s3. Region, credentials and endpoint (AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL) come from the environment
and from ~/.aws. Pipe mode streams the objects. File and FastFile mode download them before the command starts.

$SAGEMAKER_BASE_DIR is the folder that replaces /opt/ml. millrace exits with the exit code of the command. With several
hosts, each host runs the command in its own folder. If the command fails on one host, millrace stops the other hosts and
exits with the exit code of the failed command.

millrace sends SIGINT, SIGTERM and SIGHUP only to the command, as SageMaker does. Start the script directly (node
--import tsx train.ts), because npx, npm run and shell scripts do not forward signals. To test a spot interruption, add a
CheckpointConfig to the job, run it with --interrupt-after 30, and run it again without --interrupt-after.`;

interface Loaders {
  readonly runLocal: () => Promise<typeof runLocal>;
  readonly commandStore: () => Promise<typeof commandStore>;
  readonly watchCommand: () => Promise<typeof watchCommand>;
  readonly startLocalHelpers: () => Promise<typeof startLocalHelpers>;
}

interface LocalLoads extends ReportFileFlags {
  readonly store?: readonly string[];
  readonly helpers?: number;
  readonly module?: string;
}

export function addLocalCommand(program: Command, load: Loaders): void {
  const local = program.command('local');
  local
    .description('run a command as a SageMaker training job with local files and Pipe mode')
    .argument('<job.json>', 'the file with the training job')
    .argument('[command...]', 'the training command, written after --')
    .usage('[options] <job.json> -- <command> [args...]')
    .option(
      '--explain <fifo:unit:n>',
      'print which file is at a byte or line of a FIFO (train_0:byte:12345, train_0:line:312), without running the job',
      parsePosition,
    )
    .option(
      '--grace-seconds <n>',
      'the seconds from SIGINT, SIGTERM or SIGHUP until millrace kills the command',
      parseSeconds,
      120,
    )
    .option('--helpers <n>', 'start a nats-server and this number of helpers for onHosts()', parseHelpers)
    .option('--hosts <n>', "the number of hosts (default: the job's InstanceCount)", parseHosts)
    .option(
      '--interrupt-after <seconds>',
      'interrupt the job after this number of seconds, like a spot instance, and exit with code 75',
      parseSeconds,
    )
    .option('--json', 'write the messages of millrace, and the result, as lines of JSON to standard error')
    .option('--keep', 'keep the folder of the job, and print its path')
    .option('--map <s3://bucket/prefix=folder>', 'read this folder instead of the S3 prefix; may be repeated', parseMap)
    .option(
      '--manifest-root <dir>',
      'the folder that must contain all files of a manifest (default: the folder of the manifest)',
    )
    .option('--module <file>', 'the pipeline module of the helpers')
    .option('--output <dir>', 'copy model/ and output/ to this folder or s3:// URI when the command has ended')
    .option('--quiet', 'show no progress of downloads and uploads')
    .option('--s3-root <dir>', 'read <dir>/bucket/key instead of s3://bucket/key')
    .addOption(schedulerOption())
    .option(
      '--store <prefix>',
      'read and write S3: s3 for all s3:// URIs, or a prefix such as s3://bucket/; may be repeated',
      parseStore,
    )
    .option(
      '--toolkit-env',
      "set the SM_ variables of Amazon's Python training toolkit, which SageMaker itself does not set",
    );
  addReportFileOptions(local)
    .addHelpText('after', HELP)
    .action(async (path: string, words: string[], flags: LocalLoads, self: Command) => {
      const end = await startHelpers(load, flags, { words, self });
      try {
        await runWithStores(load, { path, words }, { flags, self });
      } finally {
        await end?.();
      }
    });
  program.hook('preSubcommand', (_, subcommand) => {
    if (subcommand === local) requireSeparator(program, local);
  });
}

function schedulerOption(): Option {
  const names = SCHEDULER_VARIABLES.map(({ scheduler }) => scheduler);
  return new Option('--scheduler <name>', 'also set the variables of this scheduler, which hostOf() reads').choices(
    names,
  );
}

async function startHelpers(
  load: Loaders,
  { helpers, module }: LocalLoads,
  { words, self }: { readonly words: readonly string[]; readonly self: Command },
): Promise<(() => Promise<void>) | undefined> {
  if (helpers === undefined && module === undefined) return undefined;
  if (helpers === undefined || module === undefined)
    return self.error('error: --helpers needs --module, and --module needs --helpers');
  if (words.length === 0) return undefined;
  return (await load.startLocalHelpers())({ count: helpers, module });
}

async function runWithStores(
  load: Loaders,
  { path, words }: { readonly path: string; readonly words: readonly string[] },
  { flags, self }: { readonly flags: LocalLoads; readonly self: Command },
): Promise<void> {
  const { store = [], ...files } = flags;
  const stores = store.length === 0 ? [] : await Promise.all(store.map(await load.commandStore()));
  const isWatched = (files.page ?? files.trace ?? files.live) !== undefined;
  const watched = isWatched ? (await load.watchCommand())(files) : undefined;
  await (
    await load.runLocal()
  )({ path, words, stores, watched }, self);
}

/**
 * Without `--`, `millrace local` would silently accept options of the command with the same names as its own options.
 */
function requireSeparator(program: Command, local: Command): void {
  const wordsOf = (option: string) => {
    const found = [...program.options, ...local.options].find(({ short, long }) => option === short || option === long);
    return found === undefined ? undefined : found.required ? 2 : 1;
  };
  const words = process.argv.slice(process.argv.indexOf('local') + 1);
  const separated = separatedCommand({ words, wordsOf });
  if (separated === undefined) return;
  const line = separated.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  local.error(`error: write "--" before the training command. Did you mean\n\n  millrace local ${line.join(' ')}\n`);
}

/** A timer of more than 2^31 - 1 ms fires immediately. */
function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= 2_147_483) return seconds;
  throw new InvalidArgumentError('Expected a number of seconds from 0 to 2147483.');
}

/** Splits at the last `_`, because channel names contain `_`. */
function parsePosition(text: string): FifoPosition {
  const [, channel, epoch, unit, position] = /^(.+)_(\d+):(byte|line):(\d+)$/.exec(text) ?? [];
  if (channel === undefined || (unit === 'line' && Number(position) === 0)) {
    throw new InvalidArgumentError(
      'Expected a position in a FIFO, such as train_0:byte:12345 (the first byte is 0) or train_0:line:312 (the first line is 1).',
    );
  }
  return { channel, epoch: Number(epoch), unit: unit as FifoPosition['unit'], position: Number(position) };
}

/** Splits at the last `=`, because S3 keys often contain `=`. */
function parseMap(text: string, known: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, prefix, folder] = /^(s3:\/\/[^/=]+.*)=(.+)$/s.exec(text) ?? [];
  if (prefix === undefined || folder === undefined) {
    throw new InvalidArgumentError('Expected s3://bucket/prefix=folder.');
  }
  return { ...known, [prefix]: folder };
}

/** A training job contains S3 URIs only. */
function parseStore(text: string, earlier: readonly string[] = []): readonly string[] {
  if (/^s3($|:\/\/)/.test(text)) return [...earlier, text];
  throw new InvalidArgumentError('Expected "s3", or a prefix of S3 URIs, such as s3://bucket/.');
}

function parseHelpers(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number of helpers from 1 to 99.');
}

function parseHosts(text: string): number {
  const hosts = Number(text);
  if (/^[1-9]\d*$/.test(text) && hosts <= MAX_HOSTS) return hosts;
  throw new InvalidArgumentError(`Expected a number of hosts from 1 to ${MAX_HOSTS}.`);
}
