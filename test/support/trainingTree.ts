import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { feedFifo, makeFifo } from './fifoWriter.js';

/** The folder tree of a training job. The test makes the FIFOs. */
export class TrainingTree {
  readonly baseDir: string;

  /** @param config - the content of `inputdataconfig.json`. Default: the channel `train` in Pipe mode. */
  constructor(baseDir: string, config: unknown = { train: { TrainingInputMode: 'Pipe' } }) {
    this.baseDir = baseDir;
    for (const folder of ['input/config', 'input/data', 'pipe_state']) {
      mkdirSync(join(baseDir, folder), { recursive: true });
    }
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    writeFileSync(join(baseDir, 'input/config/inputdataconfig.json'), text);
  }

  fifoPath(channel: string, epoch: number): string {
    return join(this.baseDir, 'input/data', `${channel}_${epoch}`);
  }

  /** Makes the FIFO of an epoch. */
  makeFifo(channel: string, epoch: number): string {
    return makeFifo(this.fifoPath(channel, epoch));
  }

  /** Makes FIFOs and writes an epoch to each when it is opened. Resolves when the last epoch is read. */
  async feed(channel: string, epochs: readonly Uint8Array[]): Promise<void> {
    const paths = epochs.map((_, epoch) => this.makeFifo(channel, epoch));
    await Promise.all(epochs.map((bytes, epoch) => feedFifo(paths[epoch] as string, bytes)));
  }

  statePath(channel: string): string {
    return join(this.baseDir, 'pipe_state', `.${channel}-pipe_mode-state`);
  }

  readState(channel: string): string {
    return readFileSync(this.statePath(channel), 'utf8');
  }

  remove(path: string): void {
    rmSync(path, { recursive: true });
  }
}
