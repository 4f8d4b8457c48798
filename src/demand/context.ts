import type { Subscriber } from 'rxjs';
import { PROTOCOL, shared } from '../base/shared.js';
import { carriedBelow } from './carried.js';
import { Gate } from './gate.js';
import { Lead } from './lead.js';

/** For subscriptions without a chain to a gate. All copies of this package share it. */
const demand = shared('demand', () => {
  // For consumers without a gate, for example a plain `subscribe()`. Always open.
  const ungated = new Gate();
  return { ungated, gate: ungated, lead: undefined as Lead | undefined };
});

export const GATE = Symbol.for(`millrace.gate@${PROTOCOL}`);

export const isUngated = (gate: Gate): boolean => gate === demand.ungated;

/** Calls a user's function, whose subscriptions ignore the pipeline's gate. */
export function withoutGate<T>(work: () => T): T {
  return within(demand.ungated, work);
}

/**
 * Calls `work`. Its subscriptions use `gate` if no chain of subscribers leads to another.
 *
 * @param lead - the lead that emits. Default: the current one.
 */
export function within<T>(gate: Gate, work: () => T, lead: Lead | undefined = demand.lead): T {
  const { gate: outerGate, lead: outerLead } = demand;
  demand.gate = gate;
  demand.lead = lead;
  try {
    return work();
  } finally {
    demand.gate = outerGate;
    demand.lead = outerLead;
  }
}

/**
 * Returns the gate of a new subscription: the nearest one downstream. If `share` or a hand-made operator breaks the
 * chain, it is the gate of the enclosing {@link within}.
 */
export function gateOf(subscriber: Subscriber<unknown>): Gate {
  return (carriedBelow(subscriber, GATE) as Gate | undefined) ?? demand.gate;
}

/**
 * Creates the lead of an emitter. If it is created during another emitter's emission under the same gate, it follows
 * that emitter.
 */
export function leadUnder(gate: Gate, name: string): Lead {
  const outer = demand.lead;
  return new Lead(name, gate, outer?.gate === gate && !isUngated(gate) ? outer : undefined);
}
