/** The command line: selects, runs and reports measurements. */
import process from 'node:process';
import { Command } from 'commander';
import { resultTable } from './resultTable.js';
import { COMPARISON_SECTION, PEERS_SECTION } from './comparisonSection.js';
import { FIFO_SECTION } from './fifoSection.js';
import { IMAGES_SECTION } from './imagesSection.js';
import { describeMachine, prepareMachine } from './machine.js';
import { LATENCY_SECTION } from './latencySection.js';
import { OVERLAP_IMAGES_SECTION } from './overlapImagesSection.js';
import { OVERLAP_SECTION } from './overlapSection.js';
import { buildReader } from './otherVersion.js';
import type { BenchContext, Section } from './section.js';
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
];
const MEBIBYTE = 1024 * 1024;

const program = new Command('npm run bench --')
  .description('Measures the library through real FIFOs. bench/README.md explains the figures.')
  .argument('[names...]', 'the measurements to run; default: all')
  .option('--quick', 'three pairs of half the data, and only the cases through a FIFO', false)
  .option('--compare <commit>', 'compare the cases through a FIFO with another commit of this repository')
  .option('--json', 'one line of JSON for each measurement instead of tables', false)
  .addHelpText('after', () =>
    SECTIONS.map((section) => `\n${section.title}:\n  ${namesOf(section).join(', ')}`).join(''),
  )
  .parse();
const { quick, json, compare } = program.opts<Flags>();

interface Flags {
  readonly quick: boolean;
  readonly json: boolean;
  readonly compare?: string;
}

const wanted = new Set(program.args);
const sections = compare === undefined ? SECTIONS : [FIFO_SECTION];
const known = sections.flatMap(namesOf);
const unknown = program.args.find((name) => !known.includes(name));
if (unknown !== undefined)
  program.error(`There is no measurement ${unknown}. The measurements are: ${known.join(', ')}.`);

try {
  await run();
} catch (error) {
  program.error(error instanceof Error ? error.message : String(error));
}

async function run(): Promise<void> {
  const cpus = prepareMachine();
  const byteLength = (quick ? 512 : 1024) * MEBIBYTE;
  const warmUpByteLength = (quick ? 256 : 512) * MEBIBYTE;
  const pairs = quick ? 3 : 7;
  const folder = temporaryFolder(2 * byteLength + 2 * warmUpByteLength);
  const announce = json ? console.error : console.log;
  for (const line of describeMachine(cpus)) announce(line);
  announce(
    `${pairs} pairs; ${byteLength / MEBIBYTE} MiB per reading, after a warm-up of ${warmUpByteLength / MEBIBYTE} MiB`,
  );
  const context = { cpus, folder, pairs, byteLength, warmUpByteLength };
  if (compare === undefined) {
    for (const section of SECTIONS) await report(section, context);
    return;
  }
  showProgress(`building ${compare}`);
  await report(versionSection(compare, buildReader(compare)), context);
}

async function report(section: Section, context: Omit<BenchContext, 'progress'>): Promise<void> {
  const { title, columns, measurements } = section;
  const names = Object.keys(measurements).filter((name) => isWanted(section, name));
  if (names.length === 0) return;
  const missing = section.missing?.();
  if (missing !== undefined) {
    console.error(`${title}: ${missing}`);
    return;
  }
  const table = resultTable(columns);
  for (const name of names) {
    const result = await measurements[name]?.({ ...context, progress: (part) => showProgress(`${name}: ${part}`) });
    if (!result) continue;
    showProgress('');
    if (json) console.log(JSON.stringify(result.json));
    else table.push([...result.cells]);
  }
  if (!json) console.log(`\n${title}\n${table.toString()}`);
}

/** On a terminal, overwrites one line. On any other output, prints a line for each part. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}

function isWanted({ name: ofAll, isQuick }: Section, name: string): boolean {
  if (wanted.size === 0) return isQuick || !quick;
  return wanted.has(name) || (ofAll !== undefined && wanted.has(ofAll));
}

/** Returns the names that the command line accepts for a section. */
function namesOf({ name, measurements }: Section): string[] {
  return [...(name === undefined ? [] : [name]), ...Object.keys(measurements)];
}
