/** The command line: selects, runs and reports measurements. */
import process from 'node:process';
import { Command } from 'commander';
import { COMPARISON_SECTION, PEERS_SECTION } from './comparisonSection.js';
import { FIFO_METHODS_SECTION } from './fifoMethodsSection.js';
import { FIFO_SECTION } from './fifoSection.js';
import { IMAGES_SECTION } from './imagesSection.js';
import { describeMachine, prepareMachine } from './machine.js';
import { LATENCY_SECTION } from './latencySection.js';
import { OVERLAP_IMAGES_SECTION } from './overlapImagesSection.js';
import { OVERLAP_SECTION } from './overlapSection.js';
import { buildReader, requireCommit } from './otherVersion.js';
import { MEMORY_SECTION } from './memorySection.js';
import { PARSER_SECTION } from './parserSection.js';
import { positiveInteger } from './runRounds.js';
import { runSections, selectedBy } from './runSections.js';
import type { Section } from './section.js';
import { PARQUET_SECTION } from './parquetSection.js';
import { STARTUP_SECTION } from './startupSection.js';
import { STEADINESS_SECTION } from './steadinessSection.js';
import { STORES_SECTION } from './storesSection.js';
import { TABLES_SECTION } from './tablesSection.js';
import { TF_DATA_SECTION } from './tfDataSection.js';
import { THREADS_SECTION } from './threadsSection.js';
import { temporaryFolder } from './temporaryFolder.js';
import { versionSection } from './versionSection.js';

const SECTIONS: readonly Section[] = [
  FIFO_SECTION,
  COMPARISON_SECTION,
  PEERS_SECTION,
  TF_DATA_SECTION,
  STEADINESS_SECTION,
  OVERLAP_SECTION,
  OVERLAP_IMAGES_SECTION,
  THREADS_SECTION,
  STORES_SECTION,
  LATENCY_SECTION,
  TABLES_SECTION,
  PARQUET_SECTION,
  IMAGES_SECTION,
  STARTUP_SECTION,
  PARSER_SECTION,
  MEMORY_SECTION,
  FIFO_METHODS_SECTION,
];
const MEBIBYTE = 1024 * 1024;
/** A shorter warm-up would end before the heap has its final size. */
const WARM_UP_BYTES = 512 * MEBIBYTE;

const program = new Command('npm run bench --')
  .description(
    'Measures the speed, the CPU time and the memory of Millrace, and compares them with other programs.\n' +
      'bench/README.md explains the measurements and their targets.',
  )
  .argument('[names...]', 'measurements, sections, or first words of names, such as "store"; default: all measurements')
  .option('--quick', 'three pairs and half the data; without names, only the cases through a FIFO', false)
  .option(
    '--pairs <n>',
    'pairs of readings per measurement; default: 7, but less or more in some sections',
    positiveInteger,
  )
  .option('--compare <commit>', 'compare the cases through a FIFO with another commit of this repository')
  .option(
    '--json',
    'one line of JSON per measurement instead of tables: npm run --silent bench -- --json (without --silent, npm adds lines)',
    false,
  )
  .addHelpText('after', () =>
    SECTIONS.map((section) => `\n${section.title}:\n  ${namesOf(section).join(', ')}`).join(''),
  )
  .addHelpText(
    'after',
    `
Environment:
  PYTHON  the Python with TensorFlow or pyarrow (default: python3)
  TMPDIR  the folder of the data if /dev/shm is too small

Tables and JSON show which targets are met. The exit code is 1 if a measurement fails, or if a measurement that
was named needs software that is not installed. It does not depend on the targets.`,
  )
  .parse();
const { quick, json, pairs, compare } = program.opts<Flags>();

interface Flags {
  readonly quick: boolean;
  readonly json: boolean;
  readonly pairs?: number;
  readonly compare?: string;
}

const words = program.args;
const known = compare === undefined ? SECTIONS : [FIFO_SECTION];
const unknown = words.find((word) => known.every((section) => selectedBy(word, section).length === 0));
if (unknown !== undefined) {
  const names = known.flatMap(namesOf).join(', ');
  program.error(
    `There is no measurement ${unknown}${compare === undefined ? '' : ' with --compare'}. The names are: ${names}.`,
  );
}

try {
  process.exit(await run());
} catch (error) {
  program.error(error instanceof Error ? error.message : String(error));
}

/** Returns the exit code. */
async function run(): Promise<number> {
  if (compare !== undefined) await requireCommit(compare);
  const cpus = prepareMachine();
  const byteLength = (quick ? 512 : 1024) * MEBIBYTE;
  const folder = temporaryFolder(2 * byteLength + 2 * WARM_UP_BYTES);
  const announce = json ? console.error : console.log;
  for (const line of describeMachine(cpus)) announce(line);
  if (compare !== undefined) showProgress(`building ${compare}`);
  const sections = compare === undefined ? SECTIONS : [versionSection(compare, await buildReader(compare))];
  showProgress('');
  const context = { cpus, folder, pairs: quick ? 3 : 7, byteLength, warmUpByteLength: WARM_UP_BYTES };
  const output = { print: console.log, announce, warn: console.error, progress: showProgress };
  return runSections(sections, context, { words, quick, json, pairs, output });
}

/** On a terminal, overwrites one line. On any other output, prints a line for each part. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}

/** Returns the names that the command line accepts for a section. */
function namesOf({ name, measurements }: Section): string[] {
  return [...(name === undefined ? [] : [name]), ...Object.keys(measurements)];
}
