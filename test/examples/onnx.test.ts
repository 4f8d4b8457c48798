import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { startMillrace } from '../cli/millrace.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();

describe('the example of an ONNX model', () => {
  it('classifies each scan of a Pipe mode channel, as NumPy does, and writes the results in their order', async () => {
    const output = newFolder();
    const command = [execPath, '--import', 'tsx', 'examples/onnx/predict.ts'];
    const job = ['local', '--output', output, 'examples/onnx/job.json', '--', ...command];
    const { exitCode, stdout } = await startMillrace(job).ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '360 predictions in 4 files\n' });
    const files = readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.jsonl'));
    const lines = files.sort().flatMap((file) => readFileSync(join(output, file), 'utf8').trim().split('\n'));
    const predictions = lines.map((line) => JSON.parse(line) as { digit: number; label: number });
    expect(predictions).toHaveLength(360);
    expect(predictions.filter(({ digit, label }) => digit === label)).toHaveLength(354);
  });
});
