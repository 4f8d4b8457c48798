import { shared } from './shared.js';

/** Counts the events that can change a stage's phase: a gate opens or closes, or a source ends. */
export const demandChanges = shared('demandChanges', () => ({ count: 0 }));
