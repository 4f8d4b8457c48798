import Sequencer from '@jest/test-sequencer';

/** The files that take the longest time. Without its cache, jest begins with the largest files, and ends with these. */
const LONG = [
  'scripts/soak/soak',
  'stops/stops',
  'operators/resumable.process',
  'stops/signals',
  's3/s3Writer',
  'examples/sagemaker',
  'cli/local',
  'house/package',
  'operators/resumable.property',
];

const rankOf = ({ path }) => {
  const rank = LONG.findIndex((name) => path.endsWith(`/${name}.test.ts`));
  return rank < 0 ? LONG.length : rank;
};

export default class extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((left, right) => rankOf(left) - rankOf(right));
  }
}
