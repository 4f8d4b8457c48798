import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Input, Trial } from './trial.js';

/** TensorFlow's result for an input. `error` if TensorFlow rejects the input. */
export interface Answer {
  readonly text: string;
  readonly detail?: string;
}

export type Question = Pick<Trial, 'question' | 'inputs'>;

/** The exit code of `oracle.py` if TensorFlow cannot be imported. */
const NOT_INSTALLED = 3;
const INSTALLING =
  'TensorFlow is missing: python3 -m venv tf && tf/bin/pip install tensorflow-cpu, then npm run oracle -- --python tf/bin/python';

/** A Python process that runs TensorFlow. Questions and answers are files in a temporary folder. */
export class TensorFlow {
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-oracle-'));
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  #questionCount = 0;

  private constructor(python: string) {
    const script = new URL('oracle.py', import.meta.url).pathname;
    const running = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process = running;
    this.#lines = createInterface(running.stdout);
  }

  /**
   * Resolves when TensorFlow is loaded.
   *
   * @returns the process, and TensorFlow's version.
   * @throws Error with a remedy if `python` has no TensorFlow.
   */
  static async start(python: string): Promise<{ readonly tensorFlow: TensorFlow; readonly version: string }> {
    const tensorFlow = new TensorFlow(python);
    try {
      return { tensorFlow, version: await tensorFlow.#nextLine() };
    } catch (error) {
      tensorFlow.stop();
      throw error;
    }
  }

  /** Returns TensorFlow's result for each input of each question. */
  async ask(questions: readonly Question[]): Promise<readonly (readonly Answer[])[]> {
    const path = join(this.#folder, `${this.#questionCount++}.json`);
    writeFileSync(
      path,
      JSON.stringify(questions.map(({ question, inputs }) => ({ ...question, inputs: inputs.map(toBase64) }))),
    );
    this.#process.stdin?.write(`${path}\n`);
    await this.#nextLine();
    const answers = JSON.parse(readFileSync(`${path}.answers`, 'utf8')) as Answer[][];
    for (const file of [path, `${path}.answers`]) rmSync(file);
    return answers;
  }

  stop(): void {
    this.#process.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #nextLine(): Promise<string> {
    const abort = new AbortController();
    const { signal } = abort;
    const ended = once(this.#process, 'exit', { signal }).then(([code, exitSignal]: unknown[]) => {
      throw new Error(code === NOT_INSTALLED ? INSTALLING : `oracle.py has ended with ${String(code ?? exitSignal)}.`);
    });
    try {
      const [line] = (await Promise.race([once(this.#lines, 'line', { signal }), ended])) as [string];
      return line;
    } finally {
      abort.abort();
      ended.catch(() => undefined);
    }
  }
}

function toBase64(input: Input): string[] {
  return input.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'));
}
