import type { BenchContext, Result } from './section.js';
import type { GateCost, OperatorCost, StageCostTask } from './stageCost.js';
import { startModule } from './startReader.js';
import { round } from './statistics.js';
import { atMost, below } from './targets.js';

/**
 * Measures the cost of an operator and of a check of a gate, each in a separate process, because the engine compiles
 * code differently after other pipelines.
 */
export async function measureStageCost(context: BenchContext): Promise<Result> {
  const { firstFive, nextFive } = (await costOf('operators', context)) as OperatorCost;
  const { gate } = (await costOf('gate', context)) as GateCost;
  const json = {
    firstFiveOperatorsNanoseconds: round(firstFive, 1),
    nextFiveOperatorsNanoseconds: round(nextFive, 1),
    gateNanoseconds: round(gate, 1),
  };
  return {
    json,
    cells: [
      'stage-cost',
      `${json.firstFiveOperatorsNanoseconds} ns per record for each of the first five operators\n` +
        `${json.nextFiveOperatorsNanoseconds} ns for the next five\n${json.gateNanoseconds} ns for a gate`,
    ],
    targets: [
      below('ns of the first five', json.firstFiveOperatorsNanoseconds, 20),
      below('ns of the next five', json.nextFiveOperatorsNanoseconds, 20),
      atMost('ns of a gate', json.gateNanoseconds, 3),
    ],
  };
}

async function costOf(task: StageCostTask, { cpus, progress }: BenchContext): Promise<unknown> {
  progress(task);
  const { stdout } = await startModule('stageCost.js', [task], cpus.reader).output;
  return JSON.parse(stdout);
}
