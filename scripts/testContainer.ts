/**
 * Builds the images of `examples/sagemaker` without Docker's engine, and runs each image like SageMaker: the argument
 * is `train`, `/opt/ml` is the job's folder, and both channels are in Pipe mode. Requires root, `debootstrap` and a
 * package registry.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath, getuid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildImage } from './container/buildImage.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const EXAMPLE = join(ROOT, 'examples/sagemaker');
const CACHE = join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace');
const EPOCHS = 10;

if (getuid?.() !== 0) throw new Error('testContainer: run this script as root, because it uses mount and chroot.');
const work = mkdtempSync(join(tmpdir(), 'millrace-container-'));
// `npm pack` also builds `dist`, which the agent needs.
const packed = execFileSync('npm', ['pack', '--silent'], { cwd: ROOT, encoding: 'utf8' });
try {
  for (const name of ['Dockerfile', 'Dockerfile.installed']) await testImage(name);
} finally {
  rmSync(work, { recursive: true, force: true });
  rmSync(join(ROOT, packed.trim().split('\n').at(-1) ?? ''));
}

async function testImage(name: string): Promise<void> {
  console.log(`\n${name}`);
  const folder = join(work, name);
  const log = (line: string) => console.log(`  ${line}`);
  const image = buildImage({ context: ROOT, dockerfile: join(EXAMPLE, name), folder, cache: CACHE, log });
  const file = join(folder, 'image.json');
  writeFileSync(file, JSON.stringify(image));
  for (const path of ['', 'app/node_modules', 'app/node_modules/@tensorflow']) {
    console.log(`  ${sizeOf(join(image.root, path))} MiB in /${path}`);
  }

  const whole = await train(file, { result: join(folder, 'whole'), epochs: EPOCHS });
  const accuracies = Array.from(whole.stdout.matchAll(/accuracy=([0-9.]+)/g), ([, figure]) => Number(figure));
  check(
    'it ends with 0 after ten epochs of both channels',
    whole.exitCode === 0 && accuracies.length === EPOCHS,
    whole,
  );
  check(`it learns the digits: accuracy ${accuracies.at(-1)}`, (accuracies.at(-1) ?? 0) >= 0.95, whole);
  check('its model is in /opt/ml/model', existsSync(join(folder, 'whole/model/model.json')), whole);

  const stopped = await train(file, { result: join(folder, 'stopped'), epochs: 1e6, stopAt: 'epoch 3/' });
  const isOrderly = stopped.exitCode === 0 && /^Stopped after \d+ of 1000000 epochs\.$/m.test(stopped.stdout);
  check(
    'at SIGTERM it saves its model and ends with 0',
    isOrderly && existsSync(join(folder, 'stopped/model')),
    stopped,
  );
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
}

async function train(
  image: string,
  { result, epochs, stopAt }: { readonly result: string; readonly epochs: number; readonly stopAt?: string },
): Promise<Ended> {
  const request = readFileSync(join(EXAMPLE, 'job.json'), 'utf8').replaceAll('"../', `"${ROOT}/examples/`);
  const job = { ...(JSON.parse(request) as object), HyperParameters: { epochs: String(epochs) } };
  writeFileSync(`${result}.json`, JSON.stringify(job));
  const container = [execPath, '--import', 'tsx', join(ROOT, 'scripts/container/runImage.ts'), image, 'train'];
  const local = [join(ROOT, 'dist/lib/main.js'), 'local', `${result}.json`, '--output', result];
  const agent = spawn(execPath, [...local, '--', ...container], { stdio: ['ignore', 'pipe', 'inherit'], cwd: ROOT });
  let stdout = '';
  agent.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (stopAt !== undefined && stdout.includes(stopAt)) agent.kill('SIGTERM');
  });
  const [exitCode] = (await once(agent, 'close')) as [number | null];
  return { exitCode, stdout };
}

function check(fact: string, holds: boolean, { exitCode, stdout }: Ended): void {
  console.log(`  ${holds ? 'passed' : 'FAILED'}: ${fact}`);
  if (holds) return;
  console.log(`  exit code ${exitCode}, standard output:\n${stdout}`);
  process.exitCode = 1;
}

function sizeOf(folder: string): number {
  return Number(execFileSync('du', ['-sm', folder], { encoding: 'utf8' }).split('\t')[0]);
}
