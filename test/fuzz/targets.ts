import type { FuzzTarget } from './fuzzTarget.js';
import { csvTarget } from './targets/csvTarget.js';
import { decompressTarget } from './targets/decompressTarget.js';
import { exampleListTarget } from './targets/exampleListTarget.js';
import { exampleTarget } from './targets/exampleTarget.js';
import { framedTargets } from './targets/framedTargets.js';
import { imageRecordTarget } from './targets/imageRecordTarget.js';
import { imageSizeTarget } from './targets/imageSizeTarget.js';
import { jsonTarget } from './targets/jsonTarget.js';
import { libsvmTarget } from './targets/libsvmTarget.js';
import { manifestTarget } from './targets/manifestTarget.js';
import { parquetTarget } from './targets/parquetTarget.js';
import { recordProtobufTarget } from './targets/recordProtobufTarget.js';
import { sequenceExampleTarget } from './targets/sequenceExampleTarget.js';
import { snapshotTarget } from './targets/snapshotTarget.js';
import { tableTarget } from './targets/tableTarget.js';
import { wholeFileTarget } from './targets/wholeFileTarget.js';
import { tensorTarget } from './targets/tensorTarget.js';

export const TARGETS: readonly FuzzTarget[] = [
  ...framedTargets,
  exampleTarget,
  exampleListTarget,
  sequenceExampleTarget,
  recordProtobufTarget,
  csvTarget,
  tableTarget,
  parquetTarget,
  tensorTarget,
  jsonTarget,
  libsvmTarget,
  manifestTarget,
  imageSizeTarget,
  imageRecordTarget,
  wholeFileTarget,
  decompressTarget,
  snapshotTarget,
];
