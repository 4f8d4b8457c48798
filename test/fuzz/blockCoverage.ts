import { Session, type Profiler } from 'node:inspector';

const ROOT = new URL('../../', import.meta.url).href;

/** The code that is meant: the project's own, not its tests. */
const OURS = [`${ROOT}src/`, `${ROOT}operators/`];

/** For each file, which of its characters stand in a block that has run. */
export type Coverage = ReadonlyMap<string, Uint8Array>;

/** A character whose block has run for the first time. */
export interface NewPlace {
  readonly url: string;
  readonly offset: number;
}

/**
 * Which blocks of the project's code run, by V8's own coverage: it tells an input that does something new from one that
 * does not. To take it costs milliseconds, so it is taken for many inputs at once.
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

  /** What has run since the last call. */
  take(): Coverage {
    const coverage = new Map<string, Uint8Array>();
    // The session answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error) throw error;
      for (const { url, functions } of taken.result) {
        if (OURS.some((folder) => url.startsWith(folder))) coverage.set(url, coveredIn(functions));
      }
    });
    return coverage;
  }

  /** Adds what has run to what is known; gives what was not known, by the first character of each piece. */
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

/** Functions and blocks come from the outside in, so that the last that covers a character counts. */
function coveredIn(functions: readonly Profiler.FunctionCoverage[]): Uint8Array {
  const ranges = functions.flatMap((each) => each.ranges);
  const covered = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  for (const { startOffset, endOffset, count } of ranges) covered.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return covered;
}
