import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../src/cli/runCommandLine.js';

interface Surroundings {
  /** Standard input. Default: empty. */
  readonly input?: Uint8Array;
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Runs `millrace` in this process with replaced standard streams. A process takes a hundred times as long to start. Use
 * `startMillrace` only for signals, closed pipes, and facts about the process.
 */
export async function runMillrace(args: readonly string[], surroundings: Surroundings = {}) {
  const { input = new Uint8Array(0), cwd = process.cwd(), environment = {} } = surroundings;
  const [stdout, stderr] = [new Collector(), new Collector()];
  const stdin = Readable.from([input], { objectMode: false });
  const properties = { argv: [process.execPath, 'millrace', ...args], stdin, stdout, stderr };
  const before = Object.getOwnPropertyDescriptors(process);
  const folder = process.cwd();
  const variables = Object.fromEntries(Object.keys(environment).map((name) => [name, process.env[name]]));
  const { exitCode } = process;
  process.exitCode = undefined;
  process.chdir(cwd);
  Object.assign(process.env, environment);
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(process, name, { value, writable: true, configurable: true });
  }
  try {
    await runCommandLine();
    return { exitCode: process.exitCode ?? 0, stdout: stdout.text, stderr: stderr.text };
  } finally {
    process.exitCode = exitCode;
    for (const name of Object.keys(properties)) {
      Reflect.deleteProperty(process, name);
      const descriptor = before[name as keyof typeof before] as PropertyDescriptor | undefined;
      if (descriptor) Object.defineProperty(process, name, descriptor);
    }
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    process.chdir(folder);
  }
}

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}
