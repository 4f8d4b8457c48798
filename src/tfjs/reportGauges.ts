import type { ReportOperator } from '../../operators/report.js';

type Figures = ReturnType<ReportOperator['read']>;

/** The shares of time between two reports, and the rate of the last stage. */
export function gaugesBetween(before: Figures, after: Figures): Record<string, number> {
  const elapsedMs = after.elapsedMs - before.elapsedMs;
  if (elapsedMs <= 0) return {};
  const share = (time: 'inputMs' | 'consumerMs' | 'workMs'): number => (after[time] - before[time]) / elapsedMs;
  const items = emitted(after) - emitted(before);
  return {
    'input/waiting': share('inputMs'),
    'input/work': share('workMs'),
    'input/training': share('consumerMs'),
    'input/items_per_second': (1000 * items) / elapsedMs,
  };
}

function emitted({ stages }: Figures): number {
  return stages.at(-1)?.emitted ?? 0;
}
