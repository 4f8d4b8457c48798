import type { Feature, FeatureDType, Features, VarLenFeature } from '../../formats/example/features.js';
import type { RecordTensor } from '../../formats/recordProtobuf/recordProtobufParser.js';
import type { SequenceFeature, SequenceFeatures } from '../../formats/example/parsedSequences.js';
import type { FoundPlace } from '../../formats/protobuf/scanMessage.js';
import type { FeatureTable } from './featureTable.js';
import type { SeenFeature } from './seenFeature.js';

export interface Proposal {
  readonly features: unknown;
  readonly isBatchable: boolean;
  readonly remarks: readonly string[];
}

export function proposeExample(table: FeatureTable): Proposal {
  return { features: exampleFeatures(table, undefined), isBatchable: true, remarks: [] };
}

export function proposeSequenceExample(table: FeatureTable): Proposal {
  const sequence = proposable(table, 'sequence').map(
    (seen) => [seen.name, sequenceFeature(seen, table.records)] as const,
  );
  const features: SequenceFeatures = {
    context: exampleFeatures(table, 'context'),
    sequence: Object.fromEntries(sequence),
  };
  const hint = 'no record has a sequence: the records may be tf.train.Example, which parseExample reads';
  return { features, isBatchable: true, remarks: sequence.length === 0 ? [hint] : [] };
}

export function proposeRecord(table: FeatureTable): Proposal {
  const remarks: string[] = [];
  let isBatchable = true;
  const tensorsOf = (place: 'features' | 'label'): Record<string, RecordTensor> => {
    const tensors = proposable(table, place).flatMap((seen) => {
      const { label } = seen;
      const obstacle = obstacleOf(seen, table.records);
      if (obstacle !== undefined) {
        remarks.push(
          `the proposal does not contain ${label}, because there are records in which ` +
            `parseRecordProtobuf cannot read it: ${obstacle}`,
        );
        return [];
      }
      if (seen.firstOtherShape !== undefined) {
        isBatchable = false;
        const first = `first in ${seen.firstOtherShape}`;
        remarks.push(
          `${label} has different shapes in the records, ${first}: parse each record separately, ` + 'without batch',
        );
      }
      const dtype = seen.dtype as RecordTensor['dtype'];
      return [[seen.name, seen.tensor?.canBeDense ? { dtype } : { kind: 'sparse', dtype }] as const];
    });
    return Object.fromEntries(tensors) as Record<string, RecordTensor>;
  };
  const features = { features: tensorsOf('features'), label: tensorsOf('label') };
  return { features, isBatchable, remarks };
}

/** A `fixedLen` feature in `examples` gets a default, because `parseExampleList` pads shorter lists with it. */
export function proposeExampleList(table: FeatureTable): Proposal {
  const examples = proposable(table, 'example').map((seen): [string, Feature] => {
    const { name, isEven, count = 0 } = seen;
    const dtype = seen.dtype as FeatureDType;
    if (!isEven || count === 0) return [name, varLen(dtype)];
    const padding = dtype === 'bytes' ? { defaultText: '' } : { default: 0 };
    return [name, { kind: 'fixedLen', shape: shapeOf(count), dtype, ...padding }];
  });
  const features = { context: exampleFeatures(table, 'context'), examples: Object.fromEntries(examples) };
  return { features, isBatchable: true, remarks: [] };
}

function exampleFeatures(table: FeatureTable, place: FoundPlace): Features {
  const features = proposable(table, place).map((seen): [string, Feature] => {
    const { name, count = 0, records, isEven } = seen;
    const dtype = seen.dtype as FeatureDType;
    if (!isEven || count === 0 || records < table.records) return [name, varLen(dtype)];
    return [name, { kind: 'fixedLen', shape: shapeOf(count), dtype }];
  });
  return Object.fromEntries(features);
}

function sequenceFeature({ dtype, count = 0, records, isEven }: SeenFeature, allRecords: number): SequenceFeature {
  const ofStep = dtype as FeatureDType;
  // Only varLen accepts missing sequences and uneven steps.
  if (!isEven || count === 0 || records < allRecords) return varLen(ofStep);
  return { kind: 'fixedLenSequence', shape: shapeOf(count), dtype: ofStep };
}

const varLen = (dtype: FeatureDType): VarLenFeature => ({ kind: 'varLen', dtype });
const shapeOf = (count: number): number[] => (count === 1 ? [] : [count]);

/** A feature must have one dtype in nearly all records. */
function proposable(table: FeatureTable, place: FoundPlace): SeenFeature[] {
  return table.features.filter((seen) => seen.place === place && seen.dtype !== undefined);
}

/** Returns why `parseRecordProtobuf` cannot read a tensor in all records. */
function obstacleOf({ tensor, records }: SeenFeature, allRecords: number): string | undefined {
  if (records < allRecords) return `only ${records} of ${allRecords} records have it`;
  if (!tensor || tensor.canBeDense || tensor.canBeSparse) return undefined;
  if (!tensor.hasKeys) return 'some tensors are dense, others have fewer values than their shape requires';
  return 'some tensors are sparse without a shape, or have keys that do not match their shape or values';
}
