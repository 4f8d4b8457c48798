import type { Observable } from 'rxjs';

/** Steps per second, for each round. */
export interface TrainingRates {
  readonly memory: readonly number[];
  readonly worker: readonly number[];
}

/** Trains once with each source as a warm-up, and then alternately. Prints the {@link TrainingRates} as JSON. */
export async function trainInRounds<T>(
  rounds: number,
  train: (source$: Observable<T>) => Promise<number>,
  { fromMemory$, fromWorker$ }: { readonly fromMemory$: Observable<T>; readonly fromWorker$: Observable<T> },
): Promise<void> {
  const memory: number[] = [];
  const worker: number[] = [];
  await train(fromMemory$);
  await train(fromWorker$);
  for (let round = 0; round < rounds; round++) {
    memory.push(await train(fromMemory$));
    worker.push(await train(fromWorker$));
  }
  const rates: TrainingRates = { memory, worker };
  console.log(JSON.stringify(rates));
}
