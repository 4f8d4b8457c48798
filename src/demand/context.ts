import type { Subscriber } from 'rxjs';
import { PROTOCOL, shared } from '../base/shared.js';
import { carriedBelow } from './carried.js';
import { Gate } from './gate.js';
import { Lead } from './lead.js';

/**
 * The gate and the lead for subscriptions without a chain of subscribers to a gate. Shared by all copies of this
 * package.
 */
const demand = shared('demand', () => {
  // A gate that is always open, for consumers without their own gate, for example a plain `subscribe()`.
  const ungated = new Gate();
  return { ungated, gate: ungated, lead: undefined as Lead | undefined };
});

export const GATE = Symbol.for(`millrace.gate@${PROTOCOL}`);

export const isUngated = (gate: Gate): boolean => gate === demand.ungated;

/** Calls `work`, a user's function. Subscriptions during this call ignore the pipeline's gate. */
export function withoutGate<T>(work: () => T): T {
  return within(demand.ungated, work);
}

/**
 * Calls `work`. A subscription during this call uses `gate` if none of its downstream subscribers has a gate.
 *
 * @param lead - the {@link Lead} of the source or boundary that emits in this call. Default: the current lead.
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
 * Returns the nearest downstream gate. If no downstream subscriber has a gate, returns the gate of the enclosing call
 * of {@link within}.
 */
export function gateOf(subscriber: Subscriber<unknown>): Gate {
  return (carriedBelow(subscriber, GATE) as Gate | undefined) ?? demand.gate;
}

export function leadUnder(gate: Gate, name: string): Lead {
  const outer = demand.lead;
  return new Lead(name, gate, outer?.gate === gate && !isUngated(gate) ? outer : undefined);
}
