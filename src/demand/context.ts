import type { Subscriber } from 'rxjs';
import { PROTOCOL, shared } from '../base/shared.js';
import { carriedBelow } from './carried.js';
import { Gate } from './gate.js';
import { Lead } from './lead.js';

/** The gate and lead of subscriptions that no chain of subscribers leads to. All copies of this package share them. */
const demand = shared('demand', () => {
  // For a consumer without a gate, such as a plain `subscribe()`. Always open.
  const ungated = new Gate();
  return { ungated, gate: ungated, lead: undefined as Lead | undefined };
});

/** Whether a gate belongs to a consumer without a gate of its own. */
export const isUngated = (gate: Gate): boolean => gate === demand.ungated;

/** Runs a user's own function, so that what it subscribes to is not held back by the pipeline that called it. */
export function withoutGate<T>(work: () => T): T {
  return within(demand.ungated, work);
}

/** The property by which a subscriber carries the gate that all above it have to heed. */
export const GATE = Symbol.for(`millrace.gate@${PROTOCOL}`);

/**
 * Runs `work`. Subscriptions within it use `gate` if no chain of subscribers leads to another.
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
 * The gate that a new subscription has to heed: the nearest one downstream of its subscriber, or where the chain is
 * broken (`share`, a hand-made operator), the one under which the subscription happens.
 */
export function gateOf(subscriber: Subscriber<unknown>): Gate {
  return (carriedBelow(subscriber, GATE) as Gate | undefined) ?? demand.gate;
}

/** Makes the lead of an emitter. It follows the emitter in whose emission it is made, if both heed the same gate. */
export function leadUnder(gate: Gate, name: string): Lead {
  const outer = demand.lead;
  return new Lead(name, gate, outer?.gate === gate && !isUngated(gate) ? outer : undefined);
}
