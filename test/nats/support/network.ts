import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { compiled, MILLRACE } from '../../support/compiled.js';

/** A machine in a network namespace. */
interface Machine {
  readonly namespace: string;
  /** The end of its cable at the bridge. */
  readonly port: string;
  readonly address: string;
}

/** The trainer's namespace is that of this process. Its bridge connects the server and the helpers. */
const BRIDGE = 'mrbridge';
const NET = '10.213.77';

/**
 * Machines that are network namespaces, joined by veth cables and a bridge. They need root.
 *
 * @see https://man7.org/linux/man-pages/man4/veth.4.html
 */
export class Network {
  readonly #server: Machine;
  readonly #helpers: readonly Machine[];
  readonly #processes = new Map<Machine, ChildProcess>();

  constructor(helpers: number) {
    ip('link', 'add', BRIDGE, 'type', 'bridge');
    ip('addr', 'add', `${NET}.1/24`, 'dev', BRIDGE);
    ip('link', 'set', BRIDGE, 'up');
    this.#server = machine(0);
    this.#helpers = Array.from({ length: helpers }, (_, i) => machine(i + 1));
  }

  get url(): string {
    return `nats://${this.#server.address}:4222`;
  }

  get helperCount(): number {
    return this.#helpers.length;
  }

  /** Resolves when the server listens. It begins without a queue. */
  async startServer(storeDir: string): Promise<void> {
    const words = ['--addr', this.#server.address, '--port', '4222', '--jetstream', '--store_dir', storeDir];
    const server = this.#start(this.#server, 'nats-server', words);
    const lines = createInterface({ input: server.stderr as NodeJS.ReadableStream });
    for await (const line of lines) if (line.includes('Server is ready')) break;
    server.stderr?.resume();
  }

  startHelper(index: number, job: string): void {
    const module = ['--module', compiled('test/nats/support/pipelines.ts')];
    const words = [MILLRACE, 'work', '--servers', this.url, '--job', job, ...module, '--quiet'];
    this.#start(this.#machineOf(index), execPath, words).stderr?.resume();
  }

  signalHelper(index: number, signal: NodeJS.Signals): void {
    this.#processes.get(this.#machineOf(index))?.kill(signal);
  }

  async killServer(): Promise<void> {
    await this.#kill(this.#server);
  }

  async killHelper(index: number): Promise<void> {
    await this.#kill(this.#machineOf(index));
  }

  /** Cuts or joins the cable of a helper, or of the server. */
  setCable(of: number | 'server', state: 'up' | 'down'): void {
    ip('link', 'set', of === 'server' ? this.#server.port : this.#machineOf(of).port, state);
  }

  /** Limits what a helper receives, in Mbit/s, or removes the limit. */
  setSpeed(index: number, megabits: number | undefined): void {
    const { port } = this.#machineOf(index);
    const limit = ['rate', `${megabits}mbit`, 'burst', '16k', 'latency', '200ms'];
    if (megabits === undefined) execFileSync('tc', ['qdisc', 'del', 'dev', port, 'root']);
    else execFileSync('tc', ['qdisc', 'add', 'dev', port, 'root', 'tbf', ...limit]);
  }

  async close(): Promise<void> {
    const machines = [this.#server, ...this.#helpers];
    await Promise.all(machines.map((each) => this.#kill(each)));
    for (const { namespace } of machines) ip('netns', 'del', namespace);
    ip('link', 'del', BRIDGE);
  }

  #machineOf(index: number): Machine {
    return this.#helpers[index] as Machine;
  }

  #start(on: Machine, command: string, words: readonly string[]): ChildProcess {
    // `ip netns exec` becomes the command, so signals reach it.
    const child = spawn('ip', ['netns', 'exec', on.namespace, command, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#processes.set(on, child);
    return child;
  }

  async #kill(on: Machine): Promise<void> {
    const child = this.#processes.get(on);
    this.#processes.delete(on);
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** False without root, or if the kernel has no namespaces, veth or bridges. */
export function hasNamespaces(): boolean {
  try {
    ip('netns', 'add', 'mrprobe');
    ip('netns', 'del', 'mrprobe');
    return true;
  } catch {
    return false;
  }
}

function machine(index: number): Machine {
  const [namespace, port, inside] = [`mr${index}`, `mrport${index}`, `mrin${index}`];
  const address = `${NET}.${10 + index}`;
  ip('netns', 'add', namespace);
  ip('link', 'add', port, 'type', 'veth', 'peer', 'name', inside);
  ip('link', 'set', inside, 'netns', namespace);
  ip('link', 'set', port, 'master', BRIDGE);
  ip('link', 'set', port, 'up');
  ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', inside);
  ip('-n', namespace, 'link', 'set', inside, 'up');
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
  return { namespace, port, address };
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
