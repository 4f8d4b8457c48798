import { performance } from 'node:perf_hooks';
import { seededRandom } from '../../src/base/seededRandom.js';
import type { BlockCoverage, NewPlace } from './blockCoverage.js';
import type { FuzzTarget } from './fuzzTarget.js';
import { minimised } from './minimised.js';
import { mutated } from './mutations.js';

/** How many inputs run between two looks at the coverage. */
const BATCH = 256;

/** What is done with a target, and for how long: at least one of the two limits has to be there. */
export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
  readonly milliseconds: number;
  /** Where it is given, inputs that run new blocks become seeds of others. */
  readonly coverage?: BlockCoverage | undefined;
  /** Called before each input, so that somebody else can tell which one never ends. */
  readonly onInput: (input: Uint8Array, caseSeed: number) => void;
}

/** An input, and what the choices besides it are made from. */
export interface FuzzCase {
  readonly input: Uint8Array;
  readonly caseSeed: number;
}

/** An input at which the code is wrong. */
export interface FuzzFailure extends FuzzCase {
  readonly error: unknown;
}

/** What came of a target. */
export interface FuzzReport {
  readonly runs: number;
  readonly milliseconds: number;
  /** How many inputs the others were made from in the end. */
  readonly corpus: number;
  readonly failure: FuzzFailure | undefined;
}

/** Gives one input to a target; says what it fails with. */
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
 * Gives a target inputs until a limit is reached or it fails, first its seeds, then what is made of them. Which inputs
 * these are is a function of the seed and, where coverage leads, of the code.
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

/** Which of many cases runs one of these places: looked for by halves. */
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
