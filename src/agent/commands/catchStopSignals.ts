import process from 'node:process';
import { performance } from 'node:perf_hooks';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One of the signals by which a process is asked to end. */
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** Under `npx` one Ctrl-C arrives twice, from the terminal and from npm; two that a person types are further apart. */
const SAME_REQUEST_MS = 100;

/** The signals that this process received instead of being ended by them. */
export interface StopSignals {
  /** Names the one that is told of each. What came before is told now. */
  readonly deliverTo: (stop: (signal: StopSignal) => void) => void;
  /** Asks for the end from within. */
  readonly request: (signal: StopSignal) => void;
  /** Lets signals end this process again. */
  readonly release: () => void;
}

/** Catches SIGINT, SIGTERM and SIGHUP from now on, so that there is time to clean up. */
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
  for (const signal of STOP_SIGNALS) process.on(signal, receive);
  return {
    deliverTo(stop) {
      deliver = stop;
      early.splice(0).forEach(stop);
    },
    request: (signal) => deliver(signal),
    release() {
      for (const signal of STOP_SIGNALS) process.off(signal, receive);
    },
  };
}
