import type { BenchContext, Result } from './section.js';
import type { GateCost, OperatorCost, StageCostTask } from './stageCost.js';
import { startModule } from './startReader.js';
import { round } from './statistics.js';

/**
 * Measures the cost of an operator and of a check of a gate, each in a separate process, because the engine compiles
 * code differently after other pipelines.
 */
export async function measureStageCost(context: BenchContext): Promise<Result> {
  const { firstFive, nextFive } = (await costOf('operators', context)) as OperatorCost;
  const { gate } = (await costOf('gate', context)) as GateCost;
  const json = {
    case: 'stage-cost',
    firstFiveOperatorsNanoseconds: round(firstFive, 1),
    nextFiveOperatorsNanoseconds: round(nextFive, 1),
    operatorTargetNanoseconds: 20,
    gateNanoseconds: round(gate, 1),
    gateTargetNanoseconds: 3,
  };
  return {
    json,
    cells: [
      json.case,
      `${json.firstFiveOperatorsNanoseconds} ns for each of the first five operators, ` +
        `${json.nextFiveOperatorsNanoseconds} ns for the next five\n${json.gateNanoseconds} ns for a gate`,
      'below 20 ns per record and operator\nat most 3 ns per record',
    ],
  };
}

async function costOf(task: StageCostTask, { cpus, progress }: BenchContext): Promise<unknown> {
  progress(task);
  const { stdout } = await startModule('stageCost.js', [task], cpus.reader).output;
  return JSON.parse(stdout);
}
