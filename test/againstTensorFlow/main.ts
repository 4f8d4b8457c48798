import { randomInt } from 'node:crypto';
import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { FormatError } from '../../src/base/errors.js';
import { seededRandom } from '../../src/base/seededRandom.js';
import { minimised } from '../fuzz/minimised.js';
import { csvKind } from './csvKind.js';
import { exampleKind, sequenceExampleKind } from './exampleKinds.js';
import { TensorFlow, type Answer } from './tensorFlow.js';
import { tfRecordKind } from './tfRecordKind.js';
import { FAILURE, type Difference, type Input, type Kind, type Trial } from './trial.js';

const KINDS: Readonly<Record<string, Kind>> = {
  example: exampleKind,
  sequenceExample: sequenceExampleKind,
  csv: csvKind,
  tfrecord: tfRecordKind,
};
/** The number of trials in one call of TensorFlow. */
const TRIALS = 64;
/** After this many differences of a kind, further differences are probably alike. */
const MAX_DIFFERENCES = 5;

const program = new Command('oracle')
  .description('Draws data at random, reads each with this package and with TensorFlow, and compares every bit.')
  .argument('[kinds...]', `what is compared: ${Object.keys(KINDS).join(', ')}; default: all`)
  .option('--count <n>', 'how many inputs of each kind', parsePositive, 100_000)
  .option('--seed <n>', 'what all choices are made by; default: drawn', parsePositive, 1 + randomInt(2 ** 32 - 1))
  .option('--python <path>', 'a Python that has TensorFlow; default: $PYTHON, or python3')
  .parse();
const { count, seed, python = process.env['PYTHON'] ?? 'python3' } = program.opts<Flags>();

interface Flags {
  readonly count: number;
  readonly seed: number;
  readonly python?: string;
}

const names = program.args.length > 0 ? program.args : Object.keys(KINDS);
for (const name of names) if (!Object.hasOwn(KINDS, name)) program.error(`unknown kind: ${name}`);

try {
  const { tensorFlow, version } = await TensorFlow.start(python);
  console.log(`oracle --seed ${seed} (${version})`);
  try {
    for (const name of names) await compare(tensorFlow, name, KINDS[name]!);
  } finally {
    tensorFlow.stop();
  }
} catch (error) {
  program.error(String(error));
}

/** Compares inputs of one kind, and prints the result. */
async function compare(tensorFlow: TensorFlow, name: string, kind: Kind): Promise<void> {
  const draw = seededRandom(seed, Object.keys(KINDS).indexOf(name));
  const named = new Map<string, number>();
  const outcomes = { inputs: 0, errors: 0, differences: 0 };
  while (outcomes.inputs < count && outcomes.differences < MAX_DIFFERENCES) {
    const trials = Array.from({ length: TRIALS }, () => kind.draw(draw));
    const answers = await tensorFlow.ask(trials);
    for (const [index, trial] of trials.entries()) {
      outcomes.inputs += trial.inputs.length;
      outcomes.errors += answers[index]!.filter(({ text }) => text.endsWith(FAILURE)).length;
      for (const difference of differencesIn(trial, answers[index]!)) {
        const reason = kind.nameDifference(difference);
        if (reason !== undefined) named.set(reason, (named.get(reason) ?? 0) + 1);
        else if (outcomes.differences++ < MAX_DIFFERENCES) print(await smallest(tensorFlow, kind, difference));
      }
    }
  }
  if (outcomes.differences > 0) process.exitCode = 1;
  console.log(
    `${name}: ${outcomes.inputs} inputs, ${outcomes.errors} of them errors; ${outcomes.differences} differences`,
  );
  for (const [reason, times] of named) console.log(`  ${times} times ${reason}`);
}

function differencesIn(trial: Trial, answers: readonly Answer[]): Difference[] {
  return trial.inputs.flatMap((input, index) => {
    const { text: theirs, detail } = answers[index]!;
    const ours = textOf(trial, input);
    return ours === theirs ? [] : [{ trial, input, ours, theirs, detail }];
  });
}

function textOf(trial: Trial, input: Input): string {
  try {
    return trial.read(input);
  } catch (error) {
    if (error instanceof FormatError) return FAILURE;
    throw error;
  }
}

/** Reduces the input of a difference as far as possible. */
async function smallest(tensorFlow: TensorFlow, kind: Kind, difference: Difference): Promise<Difference> {
  let found = difference;
  const differs = async (input: Input): Promise<boolean> => {
    const trial = { ...found.trial, inputs: [input] };
    const [answers] = await tensorFlow.ask([trial]);
    const [smaller] = differencesIn(trial, answers!);
    if (!smaller || kind.nameDifference(smaller) !== undefined) return false;
    found = smaller;
    return true;
  };
  for (let at = 0; at < found.input.length && found.input.length > 1;)
    if (!(await differs(found.input.toSpliced(at, 1)))) at++;
  for (let at = 0; at < found.input.length; at++) {
    // TensorFlow may crash at a reduced input. The last known input is then the smallest.
    await minimised(found.input[at]!, (bytes) => differs(found.input.with(at, bytes))).catch(() => undefined);
  }
  return found;
}

function print({ trial, input, ours, theirs, detail }: Difference): void {
  const { op, ...question } = trial.question;
  console.log(`\n${op} ${JSON.stringify(question)}`);
  for (const bytes of input)
    console.log(`  of ${Buffer.from(bytes).toString('hex')} ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`);
  console.log(`  here:       ${ours.replaceAll('\n', '\n              ')}`);
  console.log(
    `  TensorFlow: ${theirs.replaceAll('\n', '\n              ')}${detail === undefined ? '' : ` (${detail})`}`,
  );
}

function parsePositive(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('Not a whole number above 0.');
  return number;
}
