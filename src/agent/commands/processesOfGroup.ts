import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

export interface FoundProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/**
 * Returns the processes that run in a process group and handle the signal.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html, `SigCgt`
 */
export function processesOfGroup(group: number, signal: NodeJS.Signals): FoundProcess[] {
  const bit = 1n << BigInt(constants.signals[signal] - 1);
  return pids().flatMap((pid) => {
    try {
      const { state, pgrp } = statOf(pid);
      if (pgrp !== group || 'ZX'.includes(state)) return [];
      const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
      if ((BigInt(`0x${caught}`) & bit) === 0n) return [];
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd();
      return [{ pid, commandLine }];
    } catch {
      // The process ended after the folder was listed.
      return [];
    }
  });
}

export interface ProcessStat {
  readonly state: string;
  readonly pgrp: number;
  /** The time of the start in clock ticks since boot. Distinguishes processes with a reused pid. */
  readonly startTime: string;
}

/** @throws the system's error if there is no such process. */
export function statOf(pid: number): ProcessStat {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may contain spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', pgrp: Number(fields[2]), startTime: fields[19] ?? '' };
}

function pids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
