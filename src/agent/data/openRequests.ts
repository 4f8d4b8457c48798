import { setMaxListeners } from 'node:events';

export interface OpenRequests {
  readonly signal: AbortSignal;
  readonly close: () => void;
}

/** @param parent - when aborted, all requests end and reject with the reason of `parent`. */
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
