import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { chooseFromDatasets } from '../../operators/chooseFromDatasets.js';
import { decodeRecords } from '../../operators/decodeRecords.js';
import { interleave } from '../../operators/interleave.js';
import { mapAsync } from '../../operators/mapAsync.js';
import { mapWithRandom } from '../../operators/mapWithRandom.js';
import { mergeChannels } from '../../operators/mergeChannels.js';
import { sampleFromDatasets } from '../../operators/sampleFromDatasets.js';
import { zipChannels } from '../../operators/zipChannels.js';

const combine: Readonly<Record<string, (sources: never) => unknown>> = {
  chooseFromDatasets: (sources) => chooseFromDatasets(sources, of(0)),
  mergeChannels: (sources) => mergeChannels(sources),
  sampleFromDatasets: (sources) => sampleFromDatasets(sources),
  zipChannels: (sources) => zipChannels(sources),
};

describe.each(Object.entries(combine))('%s', (name, make) => {
  it.each([
    ['nothing', undefined, 'sources'],
    ['a number', 5, 'sources'],
    ['an array with a number', [of(1), 5], 'sources[1]'],
  ])('throws a ConfigError at the call for %s', (_what, sources, path) => {
    expect(() => make(sources as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', path, message: expect.stringContaining(`${name}: ${path}: `) }),
    );
  });
});

const project: Readonly<Record<string, (fn: never) => unknown>> = {
  decodeRecords: (fn) => decodeRecords(fn),
  interleave: (fn) => interleave(fn),
  mapAsync: (fn) => mapAsync(fn),
  mapWithRandom: (fn) => mapWithRandom(fn, { seed: 7 }),
};

describe.each(Object.entries(project))('%s', (name, make) => {
  it('throws a ConfigError at the call if the argument is not a function', () => {
    expect(() => make({ concurrency: 2 } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message: expect.stringContaining(`${name}: expected a function`) }),
    );
  });
});
