import { Session, type Profiler } from 'node:inspector';

const ROOT = new URL('../../', import.meta.url).href;

/** The project's code, without its tests. */
const OURS = [`${ROOT}src/`, `${ROOT}operators/`];

/** For each file: 1 for each character in a block that has run. */
export type Coverage = ReadonlyMap<string, Uint8Array>;

/** A character whose block has run for the first time. */
export interface NewPlace {
  readonly url: string;
  readonly offset: number;
}

/**
 * Finds the blocks of the project's code that run, with V8's coverage. So an input that does something new is found. A
 * measurement takes milliseconds, so it is shared by many inputs.
 */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #seen = new Map<string, Uint8Array>();

  start(): void {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  stop(): void {
    this.#session.disconnect();
  }

  /** Returns the code that has run since the last call. */
  take(): Coverage {
    const coverage = new Map<string, Uint8Array>();
    // The session calls back before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error) throw error;
      for (const { url, functions } of taken.result) {
        if (OURS.some((folder) => url.startsWith(folder))) coverage.set(url, coveredIn(functions));
      }
    });
    return coverage;
  }

  /** Adds coverage to the known coverage. Returns the first character of each new piece. */
  learn(coverage: Coverage): NewPlace[] {
    const places: NewPlace[] = [];
    for (const [url, covered] of coverage) {
      const seen = this.#seen.get(url) ?? new Uint8Array(0);
      const isNew = (offset: number) => covered[offset] === 1 && seen[offset] !== 1;
      for (let offset = 0; offset < covered.length; offset++) {
        if (isNew(offset) && !isNew(offset - 1)) places.push({ url, offset });
      }
      const length = Math.max(seen.length, covered.length);
      this.#seen.set(
        url,
        Uint8Array.from({ length }, (_, offset) => (seen[offset] ?? 0) | (covered[offset] ?? 0)),
      );
    }
    return places;
  }
}

/** Functions and blocks are ordered from the outside in, so the last range with a character decides. */
function coveredIn(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const ranges = functions.flatMap((each) => each.ranges);
  const covered = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  for (const { startOffset, endOffset, count } of ranges) covered.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return covered;
}
