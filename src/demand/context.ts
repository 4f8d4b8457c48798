import type { Subscriber } from 'rxjs';
import { PROTOCOL, shared } from '../base/shared.js';
import { carriedBelow } from './carried.js';
import { Gate } from './gate.js';
import { Lead } from './lead.js';

/** The current gate and lead, for subscriptions without a chain to a gate. All copies of this package share them. */
const demand = shared('demand', () => {
  // The gate of consumers without one, such as a plain `subscribe()`. Always open.
  const ungated = new Gate();
  return { ungated, gate: ungated, lead: undefined as Lead | undefined };
});

/** The property by which a subscriber carries the gate for all above it. */
export const GATE = Symbol.for(`millrace.gate@${PROTOCOL}`);

/** Whether the consumer has no gate of its own. */
export const isUngated = (gate: Gate): boolean => gate === demand.ungated;

/** Calls a user's function. The pipeline's gate does not hold back what it subscribes to. */
export function withoutGate<T>(work: () => T): T {
  return within(demand.ungated, work);
}

/**
 * Calls `work`. Subscriptions within it use `gate` if no chain of subscribers leads to another.
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
 * Returns the gate for a new subscription: the nearest one downstream of its subscriber. If `share` or an operator made
 * by hand breaks the chain, that is the gate of the enclosing {@link within}.
 */
export function gateOf(subscriber: Subscriber<unknown>): Gate {
  return (carriedBelow(subscriber, GATE) as Gate | undefined) ?? demand.gate;
}

/** Creates the lead of an emitter. It follows the emitter in whose emission it is created, if both use the same gate. */
export function leadUnder(gate: Gate, name: string): Lead {
  const outer = demand.lead;
  return new Lead(name, gate, outer?.gate === gate && !isUngated(gate) ? outer : undefined);
}
