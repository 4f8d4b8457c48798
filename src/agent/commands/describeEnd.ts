import { constants } from 'node:os';
import type { FoundProcess } from './processesOfGroup.js';

export interface EndFacts {
  readonly command: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The signal that the agent sent. */
  readonly asked: NodeJS.Signals | undefined;
  /** The time between the signal and the kill, in milliseconds. `undefined` if the agent did not kill the command. */
  readonly waitedMs: number | undefined;
  /** Processes that handle the signal `asked`, and that still run in the command's group. */
  readonly left: readonly FoundProcess[];
}

const SHOWN_CHARACTERS = 120;

const OUT_OF_MEMORY =
  'there may have been too little memory. Check the output of `dmesg`; for a container, also check its memory limit and the output of `docker inspect`';

const CAUSES: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: OUT_OF_MEMORY,
  SIGABRT: 'the heap of Node.js may have been full. `node --max-old-space-size=<MiB>` allows a larger heap',
  SIGSEGV: 'native code crashed, for example an addon',
  SIGBUS: 'native code crashed, or a mapped file was truncated',
  SIGILL:
    'the command contains native code that this processor cannot run, for example a build of TensorFlow that ' +
    'needs AVX',
};

/** @returns a sentence without its subject (the command), or `undefined` if the end needs no explanation. */
export function describeEnd({ command, exitCode, signal, asked, waitedMs, left }: EndFacts): string | undefined {
  if (asked !== undefined && waitedMs !== undefined) {
    return `did not end within ${waitedMs / 1000} s after ${asked}, so it was killed. Make the command end at ${asked}, for example with the signal of trainingJob()`;
  }
  const reported = signal ?? signalOfCode(exitCode);
  if (reported === undefined) return undefined;
  const survivor = left.at(-1);
  if (asked !== undefined)
    return reported === asked && survivor ? describeMissedSignal(command, asked, survivor) : undefined;
  const cause = CAUSES[reported] ?? 'millrace did not send this signal';
  return signal === null
    ? `ended with exit code ${exitCode}. A shell returns this exit code if ${reported} ended its command: ${cause}`
    : `was ended by ${reported}: ${cause}`;
}

function describeMissedSignal(command: string, asked: NodeJS.Signals, { pid, commandLine }: FoundProcess): string {
  const shown = commandLine.length > SHOWN_CHARACTERS ? `…${commandLine.slice(-SHOWN_CHARACTERS)}` : commandLine;
  return (
    `did not forward ${asked} to its child process: ${asked} ended ${command}, and process ${pid} (${shown}) was killed before it could save. ` +
    'Like millrace, SageMaker signals only the first process. Start the script directly (`node --import tsx train.ts` ' +
    'instead of `npx tsx train.ts` or `npm run train`). In a shell script, start the command with `exec`'
  );
}

/** Shells and npm exit with 128 plus the number of the signal. */
function signalOfCode(exitCode: number | null): NodeJS.Signals | undefined {
  const found = Object.entries(constants.signals).find(([, number]) => number + 128 === exitCode);
  return found?.[0] as NodeJS.Signals | undefined;
}
