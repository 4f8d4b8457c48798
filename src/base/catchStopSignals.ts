const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type StopSignal = (typeof STOP_SIGNALS)[number];

/**
 * With `npx`, one Ctrl-C sends two signals: one from the terminal and one from npm. A user needs longer to press Ctrl-C
 * twice.
 */
const SAME_REQUEST_MS = 100;

export interface StopSignals {
  /** Calls `stop` for each signal, also for earlier signals. */
  readonly deliverTo: (stop: (signal: StopSignal) => void) => void;
  /** Calls `stop` for the first signal. The second signal ends this process immediately. */
  readonly stopOnce: (stop: (signal: StopSignal) => void) => void;
  readonly request: (signal: StopSignal) => void;
  readonly release: () => void;
}

/** Catches SIGINT, SIGTERM and SIGHUP until `release()`, so that this process can clean up. */
export function catchStopSignals(): StopSignals {
  const early: StopSignal[] = [];
  let deliver: (signal: StopSignal) => void = (signal) => early.push(signal);
  const receivedAt = new Map<StopSignal, number>();

  const receive = (signal: StopSignal) => {
    const now = performance.now();
    const previous = receivedAt.get(signal) ?? -Infinity;
    receivedAt.set(signal, now);
    if (now - previous > SAME_REQUEST_MS) deliver(signal);
  };
  const deliverTo: StopSignals['deliverTo'] = (stop) => {
    deliver = stop;
    early.splice(0).forEach(stop);
  };
  const release = () => {
    for (const signal of STOP_SIGNALS) process.off(signal, receive);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, receive);
  return {
    deliverTo,
    stopOnce(stop) {
      let isStopping = false;
      deliverTo((signal) => {
        if (isStopping) {
          release();
          process.kill(process.pid, signal);
        } else {
          isStopping = true;
          stop(signal);
        }
      });
    },
    request: (signal) => deliver(signal),
    release,
  };
}
