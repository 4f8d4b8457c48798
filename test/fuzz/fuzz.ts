import { performance } from 'node:perf_hooks';
import { seededRandom } from '../../src/base/seededRandom.js';
import type { BlockCoverage, NewPlace } from './blockCoverage.js';
import type { FuzzTarget } from './fuzzTarget.js';
import { minimised } from './minimised.js';
import { mutated } from './mutations.js';

/** The number of inputs between two measurements of coverage. */
const BATCH = 256;

/** How to fuzz a target. At least one of the two limits must be set. */
export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
  readonly milliseconds: number;
  /** If set, inputs that run new blocks become seeds. */
  readonly coverage?: BlockCoverage | undefined;
  /** Called before each input, so that an input that never ends can be reported. */
  readonly onInput: (input: Uint8Array, caseSeed: number) => void;
}

/** An input, and the seed of the other choices. */
export interface FuzzCase {
  readonly input: Uint8Array;
  readonly caseSeed: number;
}

/** An input for which the code is wrong. */
export interface FuzzFailure extends FuzzCase {
  readonly error: unknown;
}

export interface FuzzReport {
  readonly runs: number;
  readonly milliseconds: number;
  /** The final number of seeds. */
  readonly corpus: number;
  readonly failure: FuzzFailure | undefined;
}

/** Runs a target with one input. Returns the error. */
export async function runCase(
  { run }: FuzzTarget,
  input: Uint8Array,
  caseSeed: number,
): Promise<{ error: unknown } | undefined> {
  try {
    await run(input, seededRandom(caseSeed, 1));
    return undefined;
  } catch (error) {
    return { error };
  }
}

/**
 * Runs a target with inputs until a limit or a failure: first the seeds, then inputs made from seeds. The inputs depend
 * on the seed and, with coverage, on the code.
 */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, coverage, onInput } = options;
  const start = performance.now();
  const corpus = [...target.seeds];
  let runs = 0;
  const report = (failure?: FuzzFailure): FuzzReport => {
    return { runs, milliseconds: performance.now() - start, corpus: corpus.length, failure };
  };
  const isOver = (): boolean => runs >= options.runs || performance.now() - start >= options.milliseconds;

  while (!isOver()) {
    const batch: FuzzCase[] = [];
    while (batch.length < BATCH && !isOver()) {
      const caseSeed = seededRandom(seed, runs)(2 ** 32);
      const input = nextInput(target, corpus, { run: runs, caseSeed });
      batch.push({ input, caseSeed });
      onInput(input, caseSeed);
      runs++;
      const failed = await runCase(target, input, caseSeed);
      if (failed) return report(await smallestFailure(target, { input, caseSeed, ...failed }));
    }
    const places = coverage?.learn(coverage.take()) ?? [];
    if (coverage && places.length > 0) corpus.push((await whichRuns(places, batch, { target, coverage })).input);
  }
  return report();
}

interface WhichOptions {
  readonly target: FuzzTarget;
  readonly coverage: BlockCoverage;
}

/** Finds by bisection the case that runs one of these places. */
async function whichRuns(
  places: readonly NewPlace[],
  cases: readonly FuzzCase[],
  options: WhichOptions,
): Promise<FuzzCase> {
  const [only] = cases;
  if (cases.length === 1) return only!;
  const half = cases.slice(0, cases.length / 2);
  for (const { input, caseSeed } of half) await runCase(options.target, input, caseSeed);
  const coverage = options.coverage.take();
  const isInHalf = places.some(({ url, offset }) => coverage.get(url)?.[offset] === 1);
  return whichRuns(places, isInHalf ? half : cases.slice(half.length), options);
}

interface Turn {
  readonly run: number;
  readonly caseSeed: number;
}

function nextInput(
  { seeds, generate, mutate }: FuzzTarget,
  corpus: readonly Uint8Array[],
  { run, caseSeed }: Turn,
): Uint8Array {
  if (run < seeds.length) return seeds[run]!;
  const draw = seededRandom(caseSeed, 0);
  const known = (): Uint8Array => corpus[draw(corpus.length)] ?? new Uint8Array(0);
  if (!generate || draw(2) === 0) return mutated(known(), { draw, other: known(), mutate });
  const generated = generate(draw);
  return draw(2) === 0 ? generated : mutated(generated, { draw, other: known(), mutate });
}

async function smallestFailure(target: FuzzTarget, failure: FuzzFailure): Promise<FuzzFailure> {
  const { caseSeed } = failure;
  const input = await minimised(
    failure.input,
    async (candidate) => (await runCase(target, candidate, caseSeed)) !== undefined,
  );
  const { error } = (await runCase(target, input, caseSeed)) ?? failure;
  return { input, caseSeed, error };
}
