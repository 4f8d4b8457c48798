import { stdout } from 'node:process';
import type { CustomCallbackArgs } from '@tensorflow/tfjs';
import Table from 'cli-table3';
import type { Verdict } from 'millrace';
import logUpdate from 'log-update';

export interface Result {
  readonly accuracy: number;
  readonly epochs: number;
  readonly records: number;
  readonly bytes: number;
  readonly backend: string;
  readonly trainingMs: number;
  readonly inputWaitMs: number;
  readonly verdict: Verdict;
}

/** Returns callbacks that print one line for each epoch. On a terminal, they update the line during the epoch. */
export function reportProgress(epochs: number): CustomCallbackArgs {
  let epoch = 0;
  const line = (text: string): string => `epoch ${String(epoch + 1).padStart(2)}/${epochs}  ${text}`;
  return {
    onEpochBegin: (index) => {
      epoch = index;
    },
    onBatchEnd: (batch, logs) => {
      if (stdout.isTTY) logUpdate(line(`batch ${batch + 1}  loss ${logs?.['loss']?.toFixed(4)}`));
    },
    onEpochEnd: (_, logs) => {
      const text = line(`loss ${logs?.['loss']?.toFixed(4)}  test accuracy ${logs?.['val_acc']?.toFixed(4)}`);
      if (stdout.isTTY) logUpdate(text);
      else console.log(text);
      logUpdate.done();
    },
  };
}

/** Prints the result as a table, or as one line of JSON. */
export function reportResult(result: Result, { json }: { readonly json: boolean }): void {
  const { accuracy, epochs, records, bytes, backend, trainingMs, inputWaitMs, verdict } = result;
  if (json) {
    const wait = { inputWaitMs: Math.round(inputWaitMs), verdict: verdict.text };
    console.log(JSON.stringify({ accuracy, epochs, records, backend, ...wait }));
    return;
  }
  const seconds = trainingMs / 1000;
  const table = new Table({ colAligns: ['left', 'right'], style: { compact: true, border: [] } });
  table.push(
    ['test accuracy', accuracy.toFixed(4)],
    ['epochs', epochs],
    ['records', records.toLocaleString('en')],
    ['MB read', (bytes / 1e6).toFixed(2)],
    ['records/s', Math.round(records / seconds).toLocaleString('en')],
    ['waited for input', `${(inputWaitMs / 1000).toFixed(2)} s of ${seconds.toFixed(2)} s`],
    ['backend', backend],
  );
  console.log(table.toString());
}
