import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { env, getuid, platform } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import {
  ACCOUNT,
  accessKeyOf,
  REGION,
  SECRET_ACCESS_KEY,
  STORAGE,
  swiftConfig,
  type SwiftPlan,
} from './swiftConfig.js';

const START_TIMEOUT_MS = 60_000;

const PACKAGES: Readonly<Record<string, string>> = {
  'swift-ring-builder': 'swift',
  'swift-proxy-server': 'swift-proxy',
  'swift-account-server': 'swift-account',
  'swift-container-server': 'swift-container',
  'swift-object-server': 'swift-object',
  memcached: 'memcached',
};

export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly stop: () => Promise<void>;
}

/** Returns a reason if this machine cannot run the server. */
export function problemOfSwift(): string | undefined {
  if (platform !== 'linux') return 'Swift needs Linux';
  const missing = Object.keys(PACKAGES).filter((command) => !isInstalled(command));
  if (missing.length === 0) return undefined;
  const packages = missing.map((command) => PACKAGES[command]).join(' ');
  return `${missing.join(', ')} not found: apt-get install --no-install-recommends ${packages}`;
}

/**
 * Starts OpenStack Swift with its S3 interface on free ports, with its data in a temporary folder.
 *
 * @param accounts - more accounts, in addition to the account of the returned key.
 * @throws Error if Swift is not installed, or does not answer within a minute.
 */
export async function startSwift(accounts: readonly string[] = []): Promise<S3Server> {
  const problem = problemOfSwift();
  if (problem !== undefined) throw new Error(problem);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-s3-'));
  const [proxy = 0, account = 0, container = 0, object = 0, memcached = 0] = await freePorts(5);
  const ports = { proxy, account, container, object, memcached };
  const plan = { folder, user: userInfo().username, accounts: [ACCOUNT, ...accounts], ports };
  writeFiles(plan);
  const processes = [
    run(folder, 'memcached', ['-l', '127.0.0.1', '-p', `${memcached}`, ...(getuid?.() === 0 ? ['-u', 'root'] : [])]),
    ...STORAGE.map((name) => run(folder, `swift-${name}-server`, [`etc/${name}.conf`])),
    run(folder, 'swift-proxy-server', ['etc/proxy.conf']),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${proxy}`;
  try {
    // Without the storage servers, the proxy answers 503.
    for (const port of [account, container, object, proxy]) await untilAnswered(`http://127.0.0.1:${port}`, processes);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, region: REGION, accessKeyId: accessKeyOf(ACCOUNT), secretAccessKey: SECRET_ACCESS_KEY, stop };
}

function isInstalled(command: string): boolean {
  return `${env['PATH'] ?? ''}:/usr/sbin`.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function writeFiles(plan: SwiftPlan): void {
  const { folder, ports } = plan;
  for (const name of ['etc', 'run', 'srv/d1']) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(swiftConfig(plan))) writeFileSync(join(folder, 'etc', name), text);
  for (const name of STORAGE) {
    const builder = (...args: string[]): void => {
      execFileSync('swift-ring-builder', [`${name}.builder`, ...args], { cwd: join(folder, 'etc'), stdio: 'pipe' });
    };
    builder('create', '10', '1', '1');
    builder('add', `r1z1-127.0.0.1:${ports[name]}/d1`, '1');
    builder('rebalance');
  }
}

function run(cwd: string, command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  // The error contains this text if the server ends unexpectedly.
  child.stderr?.on('data', (text: Buffer) => Object.assign(child, { lastWords: text.toString() }));
  return child;
}

async function untilAnswered(endpoint: string, processes: readonly ChildProcess[]): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const ended = processes.find(({ exitCode }) => exitCode !== null);
    if (ended) throw new Error(`${ended.spawnfile} ended: ${(ended as { lastWords?: string }).lastWords ?? ''}`);
    const status = await fetch(`${endpoint}/healthcheck-of-millrace`).then(
      (response) => response.status,
      () => 0,
    );
    if (status > 0) return;
    if (Date.now() > deadline) throw new Error(`Swift does not answer at ${endpoint}`);
    await setTimeout(100);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const patience = setTimeout(5_000, 'late', { ref: false });
  if ((await Promise.race([ended, patience])) === 'late') child.kill('SIGKILL');
  await ended;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
