/** The schedulers that set environment variables with the index of each process. */
export type VariableScheduler = 'Kubernetes' | 'Slurm' | 'AWS Batch' | 'RANK';

export interface SchedulerVariables {
  readonly scheduler: VariableScheduler;
  readonly index: string;
  /** `undefined` if the scheduler sets no variable with the count. */
  readonly count: string | undefined;
}

export const SCHEDULER_VARIABLES: readonly SchedulerVariables[] = [
  { scheduler: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', count: undefined },
  { scheduler: 'Slurm', index: 'SLURM_PROCID', count: 'SLURM_NTASKS' },
  { scheduler: 'AWS Batch', index: 'AWS_BATCH_JOB_ARRAY_INDEX', count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
  { scheduler: 'RANK', index: 'RANK', count: 'WORLD_SIZE' },
];

/** Returns the variables that the scheduler sets for a process. */
export function schedulerEnvironment(
  scheduler: VariableScheduler | undefined,
  { count, index }: { readonly count: number; readonly index: number },
): Record<string, string> {
  const names = SCHEDULER_VARIABLES.find((variables) => variables.scheduler === scheduler);
  if (!names) return {};
  return { [names.index]: String(index), ...(names.count === undefined ? {} : { [names.count]: String(count) }) };
}
