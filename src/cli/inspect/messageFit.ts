import { isUtf8 } from 'node:buffer';
import { FormatError } from '../../base/errors.js';
import { scanExample, scanExampleList, scanSequenceExample } from '../../formats/example/scanExample.js';
import { MessageScan } from '../../formats/protobuf/scanMessage.js';
import { scanRecordProtobuf } from '../../formats/recordProtobuf/scanRecordProtobuf.js';
import { recordPlace, type RecordPosition } from './content.js';
import { FeatureTable } from './featureTable.js';
import { proposeExample, proposeExampleList, proposeRecord, proposeSequenceExample, type Proposal } from './propose.js';

export interface MessageType {
  readonly name: string;
  /** The operator that parses this type. */
  readonly decoder: string | null;
  readonly scan: (scan: MessageScan) => void;
  readonly propose: (table: FeatureTable) => Proposal;
}

export const EXAMPLE: MessageType = {
  name: 'tf.train.Example',
  decoder: 'parseExample',
  scan: (scan) => {
    scanExample(scan);
  },
  propose: proposeExample,
};
export const SEQUENCE_EXAMPLE: MessageType = {
  name: 'tf.train.SequenceExample',
  decoder: 'parseSequenceExample',
  scan: scanSequenceExample,
  propose: proposeSequenceExample,
};

/** The first type is used if two types fit equally well. */
export const MESSAGE_TYPES: readonly MessageType[] = [
  EXAMPLE,
  SEQUENCE_EXAMPLE,
  {
    name: 'ExampleListWithContext',
    decoder: 'parseExampleList',
    scan: scanExampleList,
    propose: proposeExampleList,
  },
  { name: 'Record protobuf', decoder: 'parseRecordProtobuf', scan: scanRecordProtobuf, propose: proposeRecord },
];

interface Misfit {
  readonly position: RecordPosition;
  readonly error: FormatError;
}

export class MessageFit {
  readonly type: MessageType;
  readonly table = new FeatureTable();
  /** True if a record has a feature with a name and a kind, and no unknown field. */
  isPositive = false;
  fits = 0;
  featureless = 0;
  /** The number of records that a parser of this type rejects. */
  broken = 0;
  firstBroken: Misfit | undefined;
  /** The first unknown field, which a parser skips. */
  firstUnknown: { readonly place: string; readonly field: number } | undefined;

  readonly #scan = new MessageScan();

  constructor(type: MessageType) {
    this.type = type;
  }

  add(record: Uint8Array, position: RecordPosition): void {
    const scan = this.scan(record, position.indexInFile);
    if (scan instanceof FormatError) {
      this.broken++;
      this.firstBroken ??= { position, error: scan };
      return;
    }
    const { features, unknownField } = scan;
    const place = (): string => recordPlace(position);
    this.table.add(record, features, place);
    if (position.isSketched) this.table.sketch(scan.wire, features);
    if (unknownField !== undefined) {
      this.firstUnknown ??= { place: place(), field: unknownField };
      return;
    }
    this.fits++;
    if (features.length === 0 && record.length > 0) this.featureless++;
    this.isPositive ||= features.some(({ type, keyStart, keyEnd }) => {
      return type && keyEnd > keyStart && isUtf8(record.subarray(keyStart, keyEnd));
    });
  }

  scan(record: Uint8Array, recordIndex: number): MessageScan | FormatError {
    this.#scan.open(record, recordIndex);
    try {
      this.type.scan(this.#scan);
      return this.#scan;
    } catch (error) {
      if (error instanceof FormatError) return error;
      throw error;
    }
  }
}
