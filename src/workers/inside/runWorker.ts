import { parentPort, workerData } from 'node:worker_threads';
import { ConfigError } from '../../base/errors.js';
import { quoteNames } from '../../base/showValue.js';
import { joinThreadGroups } from '../../base/threadGroups.js';
import { trackFreshMemory } from '../../arrays/freshMemory.js';
import { encodeError } from '../crossing/encodeError.js';
import { sendItem } from '../crossing/packItem.js';
import type { ThreadMessage, WorkerSetup } from '../crossing/protocol.js';

export interface WorkerContext<Report> {
  readonly setup: WorkerSetup;
  readonly exported: unknown;
  readonly report: (report: Report) => void;
  /** @throws ValueError if the item cannot be sent. */
  readonly reportItem: (item: unknown, makeReport: (item: unknown) => Report) => void;
}

/**
 * Loads the module and handles the requests of the main thread.
 *
 * @param serve - called once after the module has loaded. Returns the handler of requests. If `serve` throws, the error
 *   is sent to the main thread, which then does not use this worker.
 */
export async function runWorker<Report>(
  serve: (context: WorkerContext<Report>) => (request: never) => void,
): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('this file runs only in a worker thread');
  const setup = workerData as WorkerSetup;
  const post = (report: Report | ThreadMessage, transfer: readonly ArrayBuffer[] = []): void => {
    port.postMessage(report, transfer);
  };
  trackFreshMemory();
  joinThreadGroups(setup.groups);
  forwardWarnings(post);
  try {
    const exported = await loadExport(setup);
    post({ type: 'loaded' });
    if (Atomics.load(setup.isUnwanted, 0) !== 0) return;
    const reportItem = (item: unknown, makeReport: (item: unknown) => Report): void => {
      sendItem(item, setup, (packed, transfer) => post(makeReport(packed), transfer));
    };
    const handle = serve({ setup, exported, report: post, reportItem });
    port.on('message', (request) => handle(request as never));
  } catch (error) {
    post({ type: 'unusable', error: encodeError(error) });
  }
}

function forwardWarnings(post: (report: ThreadMessage) => void): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning: Error & { readonly code?: string }) => {
    const { name: kind, code, message } = warning;
    post({ type: 'warning', kind, code, message });
  });
}

async function loadExport({ name, module, exportName }: WorkerSetup): Promise<unknown> {
  let namespace: Readonly<Record<string, unknown>>;
  try {
    namespace = (await import(module)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const message = `${name}: cannot load ${module}: ${String(cause)}${placeOfSyntaxError(cause)}`;
    throw new ConfigError(message, { path: 'module', cause });
  }
  if (Object.hasOwn(namespace, exportName)) return namespace[exportName];
  const names = quoteNames(Object.keys(namespace)) || 'nothing';
  const message = `${name}: ${module}: expected an export ${exportName}, found ${names}. Add this export, or set exportName.`;
  throw new ConfigError(message, { path: 'exportName' });
}

/** Node.js writes the place of some syntax errors before their stack, and hides the place of other syntax errors. */
function placeOfSyntaxError(error: unknown): string {
  if (!(error instanceof SyntaxError)) return '';
  const [place] = /^file:\S+:\d+$/m.exec(error.stack ?? '') ?? [];
  return place === undefined ? '. Run the module alone, as in node module.js, to see the line.' : ` (${place})`;
}
