import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import process from 'node:process';

/** The two CPUs of a run, in the form of `taskset -c`. */
export interface CpuPair {
  readonly reader: string;
  readonly writer: string;
}

const TOOLS = [
  { command: 'dd', from: 'coreutils' },
  { command: 'mkfifo', from: 'coreutils' },
  { command: 'taskset', from: 'util-linux' },
];

/** The maximum load average of an idle machine. */
const QUIET_LOAD = 0.5;

/**
 * Returns the first two CPUs that this process may use.
 *
 * @throws Error if there is only one CPU or a tool is missing, because the figures would not be comparable.
 */
export function prepareMachine(env: NodeJS.ProcessEnv = process.env): CpuPair {
  for (const { command, from } of TOOLS) {
    if (spawnSync(command, ['--version'], { env }).error) {
      throw new Error(`The benchmarks need ${command}, which is not in the PATH: install ${from}.`);
    }
  }
  const [reader, writer] = allowedCpus();
  if (reader === undefined || writer === undefined) {
    const found = reader === undefined ? 'none' : `only CPU ${reader}`;
    throw new Error(
      `The benchmarks need two CPUs, one for the reader and one for the writer, but this process may use ${found}.`,
    );
  }
  return { reader, writer };
}

export function describeMachine({ reader, writer }: CpuPair): string[] {
  const [load = 0] = loadavg();
  const lines = [
    `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} CPUs, ${Math.round(totalmem() / 2 ** 30)} GiB; ` +
      `Linux ${release()}; Node ${process.version}`,
    `reader on CPU ${reader}, writer on CPU ${writer}; load average before the run ${load.toFixed(2)}`,
  ];
  if (load > QUIET_LOAD) {
    lines.push('WARNING: the machine is not idle. Ratios are rough, and absolute figures mean little.');
  }
  return lines;
}

function allowedCpus(): string[] {
  return cpusOf(/^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '');
}

/** Parses a list in the format of Linux: `0-2,5`. */
export function cpusOf(list: string): string[] {
  const ranges = list.split(',').filter((range) => range !== '');
  return ranges.flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  });
}
