import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from '@nats-io/transport-node';
import { onHosts, type OnHostsOptions } from 'millrace/nats';
import { toAsyncIterable } from 'millrace';
import type { HelpersData, HelpersItem } from './helpersPipeline.js';
import { median, spread } from './statistics.js';

/*
 * Measures `onHosts` and its helpers with a real server on this machine: the CPU time of the trainer beside a client of
 * NATS alone, the throughput of 1 to 8 helpers with a limited share of a core each, the time without items after
 * a helper is killed, and the memory of the trainer. Each ratio is of one run.
 */

const MODULE = new URL('./helpersPipeline.js', import.meta.url);
const MILLRACE = fileURLToPath(new URL('../lib/main.js', import.meta.url));
const root = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'].find((each) => existsSync(each)) ?? '';
const PERIOD_US = 100_000;
const JOB = 'bench';
const MIB = 2 ** 20;

const { values: flags } = parseArgs({
  options: {
    share: { type: 'string', default: '0.2' },
    only: { type: 'string', default: 'cpu,helpers,recovery,memory' },
  },
});
const share = Number(flags.share);

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
const children = new Set<ChildProcess>();
/** The control groups that exist. */
const groups = new Set<string>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  if (groups.size > 0) writeFileSync(join(root, 'cgroup.procs'), String(process.pid));
  for (const group of groups) removeWhenEmpty(group);
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

function start(command: string, words: readonly string[]): ChildProcess {
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function startServer(): Promise<string> {
  const server = start('nats-server', ['--addr', '127.0.0.1', '--port', '-1', '--jetstream', '--store_dir', folder]);
  for await (const line of createInterface({ input: server.stderr as NodeJS.ReadableStream })) {
    const [, port] = /client connections on .*:(\d+)$/.exec(line) ?? [];
    if (port === undefined) continue;
    server.stderr?.resume();
    return `nats://127.0.0.1:${port}`;
  }
  throw new Error('nats-server ended');
}

function startHelper(servers: string): ChildProcess {
  const helper = start(process.execPath, [
    ...[MILLRACE, 'work', '--servers', servers, '--job', JOB],
    ...['--module', fileURLToPath(MODULE), '--quiet', '--grace-seconds', '0'],
  ]);
  helper.stderr?.pipe(process.stderr);
  return helper;
}

const groupOf = (pid: number): string => join(root, `millrace-${pid}`);

/** Waits for the end of killed processes. The event loop has ended. */
function removeWhenEmpty(group: string): void {
  for (let attempt = 0; attempt < 500; attempt++) {
    try {
      rmdirSync(group);
      return;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Gives a process priority over those of others on this machine, so that they do not change the results. */
function prefer(pid: number): void {
  const group = groupOf(pid);
  mkdirSync(group);
  groups.add(group);
  const isFirstVersion = existsSync(join(group, 'cpu.shares'));
  writeFileSync(join(group, isFirstVersion ? 'cpu.shares' : 'cpu.weight'), isFirstVersion ? '100000' : '10000');
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
}

/** Holds a process to a share of a core. */
function limit({ pid = 0 }: ChildProcess): void {
  prefer(pid);
  const group = groupOf(pid);
  const quota = share * PERIOD_US;
  if (existsSync(join(group, 'cpu.cfs_quota_us'))) writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quota));
  else writeFileSync(join(group, 'cpu.max'), `${quota} ${PERIOD_US}`);
}

function removeGroup(pid: number): void {
  const group = groupOf(pid);
  if (groups.delete(group)) rmdirSync(group);
}

async function end(helpers: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    helpers.map(async (helper) => {
      if (helper.exitCode !== null || helper.signalCode !== null) return;
      helper.kill('SIGKILL');
      await once(helper, 'exit');
    }),
  );
  for (const { pid = 0 } of helpers) removeGroup(pid);
}

function items(servers: string, data: HelpersData, options: Partial<OnHostsOptions>): AsyncIterable<HelpersItem> {
  return toAsyncIterable(onHosts<HelpersItem>(MODULE, { servers, job: JOB, splits: [], data, ...options }));
}

const splitsOf = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** CPU seconds of this process for each GB, with items of `byteLength` bytes. */
async function costOfItems(servers: string, byteLength: number, total: number): Promise<number> {
  const data = { items: Math.ceil(total / byteLength / 8), size: byteLength / 4, rounds: 0 };
  let [bytes, before, count] = [0, 0, 0];
  for await (const { values } of items(servers, data, { splits: splitsOf(8) })) {
    if (count++ === 2) [before, bytes] = [cpuSeconds(), 0];
    bytes += values.byteLength;
  }
  return (cpuSeconds() - before) / (bytes / 1e9);
}

/** The size of the messages in which helpers send items. */
const PIECE_BYTES = 2 ** 13;

const REPLIER = `
  import { connect } from '@nats-io/transport-node';
  const connection = await connect({ servers: process.argv[1] });
  const answer = (_, message) => {
    for (let bytes = 0; bytes < ${MIB}; bytes += ${PIECE_BYTES}) message.respond(Buffer.allocUnsafe(${PIECE_BYTES}));
  };
  connection.subscribe('bench.plain', { callback: answer });
`;

/** CPU seconds of this process for each GB that a client of NATS alone receives in the same pieces, and drops. */
async function costOfPieces(servers: string, total: number): Promise<number> {
  const replier = start(process.execPath, ['--input-type=module', '--eval', REPLIER, servers]);
  replier.stderr?.pipe(process.stderr);
  const connection = await connect({ servers });
  let bytes = 0;
  let resolve: () => void = () => undefined;
  connection.subscribe('bench.inbox', {
    callback: (_, { data }) => {
      bytes += data.length;
      if (data.length === 0 || bytes % MIB === 0) resolve();
    },
  });
  const ask = async (): Promise<void> => {
    const answered = new Promise<void>((done) => (resolve = done));
    connection.publish('bench.plain', '', { reply: 'bench.inbox' });
    await answered;
  };
  // Until the other process has subscribed, the server answers with no bytes.
  while (bytes === 0) await ask();
  const before = cpuSeconds();
  bytes = 0;
  while (bytes < total) await ask();
  const cost = (cpuSeconds() - before) / (bytes / 1e9);
  await connection.close();
  await end([replier]);
  return cost;
}

async function measureCpu(servers: string): Promise<void> {
  const helper = startHelper(servers);
  const ratios: number[] = [];
  // The first collection of the whole heap lowers the limit for the next ones.
  await costOfItems(servers, MIB, 4e8);
  for (let round = 0; round < 3; round++) {
    const [plain, large, small] = [
      await costOfPieces(servers, 4e8),
      await costOfItems(servers, MIB, 4e8),
      await costOfItems(servers, MIB / 16, 2e8),
    ];
    ratios.push(large / plain);
    console.log(
      `CPU s/GB: pieces of items without onHosts ${plain.toFixed(2)}, items of 1 MiB ${large.toFixed(2)}, of 64 KiB ${small.toFixed(2)}`,
    );
  }
  console.log(`items of 1 MiB / pieces without onHosts: ${median(ratios).toFixed(2)} (${spread(ratios, 2)})`);
  await end([helper]);
}

const WINDOW_MS = 15_000;

/** Items a second, after each helper has begun. */
async function throughput(servers: string, count: number): Promise<number> {
  const helpers = Array.from({ length: count }, () => startHelper(servers));
  // The helpers start without a limit.
  const data = { items: 1e6, size: MIB / 64, rounds: Math.ceil(60 * share) };
  let begin = 0;
  let taken = 0;
  const options = { splits: splitsOf(count), ordered: false, concurrency: count, ackWaitMs: 60_000 };
  for await (const _ of items(servers, data, { ...options, items: 4 * count })) {
    if (begin === 0 && ++taken > 8 * count) {
      for (const helper of helpers) limit(helper);
      [begin, taken] = [performance.now() + 2000, 0];
    } else if (begin !== 0 && performance.now() > begin) {
      taken++;
      if (performance.now() > begin + WINDOW_MS) break;
    }
  }
  await end(helpers);
  return taken / (WINDOW_MS / 1000);
}

async function measureHelpers(servers: string): Promise<void> {
  let one = NaN;
  for (const count of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const found = await throughput(servers, count);
    if (count === 1) one = found;
    const efficiency = found / (count * one);
    console.log(
      `${count} helpers with ${share} of a core: ${found.toFixed(2)} items/s, ${efficiency.toFixed(2)} of ${count} times one`,
    );
  }
}

const ACK_WAIT_MS = 2000;

/** The time in which two helpers start. */
const START_MS = 8000;

/**
 * Measures the longest time without an item after the helper of the current split was killed, if another helper is
 * free.
 */
async function measureRecovery(servers: string): Promise<void> {
  const gaps: number[] = [];
  for (let round = 0; round < 5; round++) {
    const helpers = [startHelper(servers), startHelper(servers)];
    const start = performance.now();
    let last = start;
    let gap = 0;
    let left = Infinity;
    const data = { items: 20, size: 16_384, rounds: 30 };
    const options = { splits: splitsOf(10_000), concurrency: 1, items: 1, ackWaitMs: ACK_WAIT_MS };
    for await (const { pid } of items(servers, data, options)) {
      const now = performance.now();
      if (left === Infinity && now > start + START_MS) {
        process.kill(pid, 'SIGKILL');
        left = 100;
      } else if (left !== Infinity) gap = Math.max(gap, now - last);
      last = now;
      if (--left <= 0) break;
    }
    gaps.push(gap / 1000);
    await end(helpers);
  }
  console.log(`without items after a kill: ${spread(gaps, 2)} s, with ackWaitMs of ${ACK_WAIT_MS / 1000} s`);
}

async function measureMemory(servers: string): Promise<void> {
  const megabytes: string[] = [];
  for (const count of [1, 8]) {
    const helpers = Array.from({ length: count }, () => startHelper(servers));
    let [most, taken] = [0, 0];
    const data = { items: 40, size: MIB / 4, rounds: 0 };
    for await (const _ of items(servers, data, { splits: splitsOf(16), items: 32, bytes: 32 * MIB })) {
      if (taken++ % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      most = Math.max(most, process.memoryUsage.rss());
    }
    megabytes.push(`${(most / 1e6).toFixed(0)} MB with ${count}`);
    await end(helpers);
  }
  console.log(
    `the trainer's RSS, with items of 1 MiB and { items: 32, bytes: 32 MiB }: ${megabytes.join(', ')} helpers`,
  );
}

const MEASURES = { cpu: measureCpu, helpers: measureHelpers, recovery: measureRecovery, memory: measureMemory };
const servers = await startServer();
for (const pid of [...Array.from(children, ({ pid = 0 }) => pid), process.pid]) prefer(pid);
for (const [name, measure] of Object.entries(MEASURES))
  if (flags.only.split(',').includes(name)) await measure(servers);
process.exit(0);
