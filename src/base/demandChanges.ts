import { shared } from './shared.js';

/** Counts what can change the phases of stages: gates that open or close, and sources that end. */
export const demandChanges = shared('demandChanges', () => ({ count: 0 }));
