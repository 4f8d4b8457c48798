import { setMaxListeners } from 'node:events';

export interface OpenRequests {
  readonly signal: AbortSignal;
  readonly close: () => void;
}

/** @param parent - ends all requests, which then reject with its reason. */
export function openRequests(parent: AbortSignal | undefined): OpenRequests {
  const controller = new AbortController();
  const { signal } = controller;
  // Each request has a listener, and Node.js warns about more than ten.
  setMaxListeners(0, signal);
  const abort = () => controller.abort(parent?.reason);
  if (parent?.aborted) abort();
  parent?.addEventListener('abort', abort);
  const close = () => {
    parent?.removeEventListener('abort', abort);
    controller.abort();
  };
  return { signal, close };
}
