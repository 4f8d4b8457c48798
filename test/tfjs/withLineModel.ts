import { afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Sequential } from '@tensorflow/tfjs';
import { loadBackend, type BACKENDS, type Tf } from './backends.js';
import { lineModel } from './lineModel.js';

export interface LineModelTest {
  readonly tf: Tf;
  readonly model: Sequential;
  readonly tensorsBefore: number;
  /** The number of tensors that tfjs itself does not dispose of. */
  tensorsLeft: number;
}

/** Gives each test of the block a new model on the backend, and checks that its tensors are disposed of. */
export function withLineModel(backend: (typeof BACKENDS)[number], use: (test: LineModelTest) => void): void {
  let tf: Tf;
  let test: LineModelTest;
  beforeAll(async () => {
    tf = await loadBackend(backend);
  });
  beforeEach(() => {
    const model = lineModel(tf);
    test = { tf, model, tensorsBefore: tf.memory().numTensors, tensorsLeft: 0 };
    use(test);
  });
  afterEach(() => {
    expect(tf.memory().numTensors).toBe(test.tensorsBefore + test.tensorsLeft);
    test.model.dispose();
  });
}
