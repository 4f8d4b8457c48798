import type { Observable } from 'rxjs';
import type { WorkerCursor } from '../../resume/cursor.js';
import { Ledger } from '../../resume/ledger.js';
import { endSubscribing, underPass } from '../../resume/pass.js';
import type { WorkerPass } from '../crossing/protocol.js';

/** The ledgers of the thread, one for each downstream `resumable` on the main thread. */
const ledgers = new Map<number, Ledger>();

/**
 * Subscribes to the pipeline as the pass of a `resumable` on the main thread.
 *
 * @param report - receives the position before the first item, after each checksum of an input, and at the end.
 */
export function pipelineUnder(
  pipeline: Observable<unknown>,
  { ledger: id, epoch, shuffledChannels, saved, steps }: WorkerPass,
  report: (cursor: WorkerCursor) => void,
): Observable<unknown> {
  const ledger = ledgers.get(id) ?? new Ledger(shuffledChannels, steps === undefined ? undefined : 1);
  ledgers.set(id, ledger);
  const pass = { epoch, ledger };
  let reportedMarks = -1;
  const reportPosition = (): void => {
    const { version: _version, ...cursor } = ledger.read('epoch');
    const marks = marksIn(cursor);
    if (marks === reportedMarks) return;
    reportedMarks = marks;
    report(cursor);
  };
  return underPass(pipeline, (destination) => {
    let items = steps ?? 0;
    ledger.begin(saved && { version: 1, epoch, items, ...saved });
    const startFlow = (): void => {
      endSubscribing(pass);
      ledger.seal();
      reportPosition();
    };
    return {
      pass,
      handlers: {
        next: (item) => {
          startFlow();
          ledger.requireItems(++items, 'an item');
          destination.next(item);
        },
        error: (error) => {
          endSubscribing(pass);
          destination.error(error);
        },
        complete: () => {
          reportedMarks = -1;
          startFlow();
          ledger.requireItems(items, 'the end');
          destination.complete();
        },
      },
    };
  });
}

/** Returns the number of inputs and of their checksums. */
function marksIn({ inputs }: WorkerCursor): number {
  return Object.values(inputs).reduce((sum, { marks }) => sum + 1 + marks.length, 0);
}
