import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execArgv, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { resolveDirectories } from '../../src/sagemaker/directories.js';
import { CHANNELS } from './epochPlan.js';

export interface RunningWriter {
  readonly baseDir: string;
  readonly died: AbortSignal;
  /** Stops the writer. Rejects if its exit code is not 0. */
  readonly stop: () => Promise<void>;
}

/** Resolves when the first FIFOs exist. */
export async function startWriter(seed: number): Promise<RunningWriter> {
  const baseDir = mkdtempSync(join(tmpdir(), 'millrace-soak-'));
  const { configDir, pipeDir } = resolveDirectories({ baseDir });
  for (const folder of [configDir, pipeDir]) mkdirSync(folder, { recursive: true });
  const config = Object.fromEntries(CHANNELS.map((name) => [name, { TrainingInputMode: 'Pipe' }]));
  writeFileSync(join(configDir, 'inputdataconfig.json'), JSON.stringify(config));

  const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));
  const child = spawn(execPath, [...execArgv, writer, baseDir, String(seed)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const death = new AbortController();
  let isStopping = false;
  const ended = once(child, 'exit').then(([code]) => {
    if (!isStopping) death.abort(new Error(`the writer ended with ${String(code)} before it was stopped`));
    return code as number | null;
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    child.stdin.end();
    const code = await ended;
    rmSync(baseDir, { recursive: true });
    // If the writer ended before this call, `died` has already reported it.
    if (code !== 0 && !death.signal.aborted) throw new Error(`the writer ended with ${code}`);
  };
  await Promise.race([once(child.stdout, 'data'), ended]);
  return { baseDir, died: death.signal, stop };
}
