import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { terminalSvg, type TerminalLine } from './site/terminalSvg.js';

/**
 * Runs the command line on the data of the example, and draws the output in `docs/terminal.svg`. The drawing shows only
 * the epochs and the last sentence of the training.
 */
const COMMANDS = [
  { typed: 'npx millrace inspect data/train/digits.tfrecord --head 1', shown: /./ },
  {
    typed: 'npx millrace local job.json -- node --import tsx train.ts --epochs 5',
    shown: /^(Training|epoch|training waited)/,
  },
];

const lines: TerminalLine[] = [];
const startedAt = performance.now();
for (const { typed, shown } of COMMANDS) {
  lines.push({ text: typed, atMs: performance.now() - startedAt, isCommand: true });
  const [, , ...args] = typed.split(' ');
  const main = new URL('../dist/lib/main.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, ...args], {
    cwd: new URL('../examples/digits', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  for await (const text of createInterface(child.stdout)) {
    if (shown.test(text)) lines.push({ text, atMs: performance.now() - startedAt, isCommand: false });
  }
  const [status] = (await ended) as [number | null];
  if (status !== 0) throw new Error(`${typed} ended with ${status}`);
}
writeFileSync(new URL('../docs/terminal.svg', import.meta.url), terminalSvg(lines));
