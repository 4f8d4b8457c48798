import { Subscription, take, type Observable } from 'rxjs';
import { toAsyncIterable } from 'millrace';
import { atTurn, turn, type Run } from './run.js';

/** How a consumer ended without a stop from outside. */
export type Ending = { readonly how: 'completed' | 'stopped' } | { readonly how: 'failed'; readonly error: unknown };

/** Consumes a pipeline and stops it in one way. Resolves at the end. */
export type Consumer = (run: Run, source: Observable<unknown>) => Promise<Ending>;

const MOST_TURNS = 400;
const MOST_ITEMS = 60;

/** Every way in which a plain `subscribe` ends. */
const BY_SUBSCRIBING: Readonly<Record<string, Consumer>> = {
  unsubscribe: (run, source) => {
    const [count, turns] = [run.random(MOST_ITEMS), run.random(MOST_TURNS)];
    return subscribe(source, { turns, onItem: (index, stop) => index >= count && stop() });
  },
  'unsubscribe at some turn': (run, source) => subscribe(source, { turns: run.random(MOST_TURNS) }),
  'unsubscribe at once': (_run, source) => subscribe(source, { turns: 0 }),
  take: (run, source) => {
    const [count, turns] = [1 + run.random(MOST_ITEMS), MOST_TURNS];
    return subscribe(source.pipe(take(count)), { turns: run.isEndless ? turns : Infinity, completes: 'stopped' });
  },
  'abort in next': (run, source) => {
    const count = run.random(MOST_ITEMS);
    return subscribe(source, {
      turns: run.random(MOST_TURNS),
      onItem: (index) => index >= count && run.abort.abort(),
    });
  },
  'abort at some turn': (run, source) => {
    const ended = subscribe(source, { turns: 2 * MOST_TURNS });
    void atTurn(
      run.random(MOST_TURNS),
      () => false,
      () => run.abort.abort(),
    );
    return ended;
  },
  'read to the end': (run, source) => subscribe(source, { turns: run.isEndless ? MOST_TURNS : Infinity }),
};

/** Every way in which an async iterator ends. */
const BY_ITERATING: Readonly<Record<string, Consumer>> = {
  break: (run, source) => {
    const count = run.random(MOST_ITEMS);
    return iterate(run, source, (index) => (index >= count ? 'break' : undefined));
  },
  'throw in the body': (run, source) => {
    const count = run.random(MOST_ITEMS);
    return iterate(run, source, (index) => (index >= count ? run.throwBoom() : undefined));
  },
  'abort in the body': (run, source) => {
    const count = run.random(MOST_ITEMS);
    return iterate(run, source, (index) => {
      if (index >= count) run.abort.abort();
      return undefined;
    });
  },
  'a slow body': (run, source) => {
    const count = run.random(MOST_ITEMS);
    return iterate(run, source, async (index) => {
      for (let i = run.random(20); i > 0; i--) await turn();
      return index >= count ? 'break' : undefined;
    });
  },
  'return while next is pending': (run, source) =>
    iterate(run, source, () => undefined, { turns: run.random(MOST_TURNS) }),
  'several next pending': async (run, source) => {
    const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
    const pending = Array.from({ length: 1 + run.random(5) }, () => iterator.next());
    const settled = Promise.allSettled(pending);
    await atTurn(
      run.random(MOST_TURNS),
      () => false,
      () => iterator.return?.(),
    );
    const failed = (await settled).find((result) => result.status === 'rejected');
    return failed ? { how: 'failed', error: failed.reason } : { how: 'stopped' };
  },
};

/** Every way to consume a pipeline without tensors. */
export const CONSUMERS = { 'subscribe, ': BY_SUBSCRIBING, 'for await, ': BY_ITERATING } as const;

interface Subscribing {
  /** The latest turn for unsubscribing. */
  readonly turns: number;
  readonly onItem?: (index: number, stop: () => void) => unknown;
  readonly completes?: 'completed' | 'stopped';
}

function subscribe(source: Observable<unknown>, options: Subscribing): Promise<Ending> {
  const { turns, onItem, completes = 'completed' } = options;
  return new Promise((resolve) => {
    let index = 0;
    let isOver = false;
    const end = (ending: Ending): void => {
      isOver = true;
      resolve(ending);
    };
    // A source may deliver before `subscribe` returns. `add` on a closed subscription unsubscribes immediately.
    const subscription = new Subscription();
    const stop = (): void => {
      subscription.unsubscribe();
      end({ how: 'stopped' });
    };
    subscription.add(
      source.subscribe({
        next: () => onItem?.(index++, stop),
        error: (error: unknown) => end({ how: 'failed', error }),
        complete: () => end({ how: completes }),
      }),
    );
    if (turns !== Infinity) void atTurn(turns, () => isOver, stop);
  });
}

async function iterate(
  run: Run,
  source: Observable<unknown>,
  body: (index: number) => 'break' | undefined | Promise<'break' | undefined>,
  { turns = run.isEndless ? MOST_TURNS : Infinity } = {},
): Promise<Ending> {
  const iterator = toAsyncIterable(source)[Symbol.asyncIterator]();
  let isOver = false;
  let isStopped = false;
  const stop = (): unknown => {
    isStopped = true;
    return iterator.return?.();
  };
  if (turns !== Infinity) void atTurn(turns, () => isOver, stop);
  try {
    let index = 0;
    for await (const item of { [Symbol.asyncIterator]: () => iterator }) {
      if (item === undefined) throw new Error('an item that is none');
      if ((await body(index++)) === 'break') return { how: 'stopped' };
    }
    return { how: isStopped ? 'stopped' : 'completed' };
  } catch (error) {
    return { how: 'failed', error };
  } finally {
    isOver = true;
  }
}
