import type { BenchContext, Result } from './section.js';
import type { GateCost, OperatorCost, StageCostTask } from './stageCost.js';
import { startModule } from './startReader.js';
import { round } from './statistics.js';

/**
 * What one operator, and one look at a gate, adds to a record's way. Each in a process of its own: code that has met the
 * pipelines of the one is compiled otherwise for those of the other.
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
      'below 20 ns a record and operator\nat most 3 ns a record',
    ],
  };
}

async function costOf(task: StageCostTask, { cpus, progress }: BenchContext): Promise<unknown> {
  progress(task);
  const { stdout } = await startModule('stageCost.js', [task], cpus.reader).output;
  return JSON.parse(stdout);
}
