import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { randomFromSeed } from 'millrace';
import { recordPage } from './site/recordPage.js';

/**
 * Draws `docs/dataPage*.webp`: the page that compares training data with validation data. The cities, incomes and
 * missing scores differ. Needs Chromium.
 */
const MILLRACE = fileURLToPath(new URL('../dist/lib/main.js', import.meta.url));
const random = randomFromSeed(1);

/** @param shift - 0 for the training data. */
function table(rows: number, shift: number): string {
  const lines = Array.from({ length: rows }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const age = 18 + Math.floor(random() * 70);
    const income = Math.round(Math.exp(10 + 0.3 * shift + 0.5 * normal));
    const city = ['Berlin', 'Paris', 'Rome', 'Oslo'][Math.floor(random() ** (1 + shift) * 4)] ?? '';
    const score = random() < 0.05 + 0.1 * shift ? '' : normal.toFixed(2);
    return [age, income, city, score, random() < 0.3 ? 'yes' : 'no'].join(',');
  });
  return ['age,income,city,score,label', ...lines].join('\n');
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-page-'));
writeFileSync(join(folder, 'train.csv'), table(20_000, 0));
writeFileSync(join(folder, 'validation.csv'), table(4000, 1));
const args = ['inspect', 'train.csv', '--against', 'validation.csv', '--page', 'data.html'];
execFileSync(execPath, [MILLRACE, ...args], { cwd: folder, stdio: 'ignore' });

// Closes the details of all features but the first two.
const prepare = `
  [...document.querySelectorAll('.main > tbody > tr > th > button')].slice(2).forEach((button) => button.click())
`;
await recordPage(join(folder, 'data.html'), 'dataPage', prepare);
rmSync(folder, { recursive: true });
