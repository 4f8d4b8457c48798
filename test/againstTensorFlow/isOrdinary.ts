import { delimited, NoMessage, wireFields, type WireField } from '../formats/reference/wireFields.js';

/*
 * TensorFlow's fast parsers read the bytes that protobuf's libraries write, and little else. Of other bytes some are legal
 * protobuf that they refuse: an entry without a value or with unknown fields, a list that is both packed and not. Others,
 * such as tags of number 0, are not protobuf, and they read them. This package holds to protobuf in both.
 */

/** Whether protobuf's own libraries may write an Example so: known fields only, each once where it is not repeated. */
export function isOrdinaryExample(record: Uint8Array): boolean {
  return isMessage(record, { 1: isFeatures });
}

/** {@link isOrdinaryExample} for a SequenceExample. */
export function isOrdinarySequenceExample(record: Uint8Array): boolean {
  return isMessage(record, {
    1: isFeatures,
    2: (lists) => isMapOf(lists, (list) => isMessage(list, { 1: isFeature })),
  });
}

type Check = (message: Uint8Array) => boolean;

const isFeatures: Check = (features) => isMapOf(features, isFeature);

/** Whether a message holds nothing but messages in fields of these numbers. */
function isMessage(message: Uint8Array, checks: Readonly<Record<number, Check>>): boolean {
  return fieldsOf(message)?.every((field) => isIn(field, checks)) ?? false;
}

function isIn(field: WireField, checks: Readonly<Record<number, Check>>): boolean {
  const content = delimited(field);
  return content !== undefined && (checks[field.number]?.(content) ?? false);
}

/** An entry of a map is a key and then a value. */
function isMapOf(map: Uint8Array, isValue: Check): boolean {
  const isEntry: Check = (entry) =>
    fieldsOf(entry)
      ?.map(({ number }) => number)
      .join() === '1,2' && isMessage(entry, { 1: () => true, 2: isValue });
  return isMessage(map, { 1: isEntry });
}

function isFeature(feature: Uint8Array): boolean {
  const lists = fieldsOf(feature);
  return lists !== undefined && lists.length <= 1 && lists.every((list) => isIn(list, LISTS));
}

const VARINT = 0;
const PACKED = 2;
const FIXED32 = 5;

const LISTS: Readonly<Record<number, Check>> = {
  1: (list) => isMessage(list, { 1: () => true }),
  2: (list) => isListOf(list, FIXED32),
  3: (list) => isListOf(list, VARINT),
};

/** Numbers are packed all together, or none is. */
function isListOf(list: Uint8Array, wireType: number): boolean {
  const fields = fieldsOf(list);
  if (!fields?.every(({ number }) => number === 1)) return false;
  const packed = fields[0] && delimited(fields[0]);
  if (!packed) return fields.every((field) => field.wireType === wireType);
  const endsWithNumber = wireType === FIXED32 ? packed.length % 4 === 0 : (packed.at(-1) ?? 0) < 0x80;
  return fields.length === 1 && endsWithNumber;
}

/** Whether a list of numbers in a record is packed in several parts, or in part. Protobuf allows it. */
export function hasListInParts(record: Uint8Array): boolean {
  const features = [...contextOf(record), ...within([record], 2, 1, 2, 1)];
  return [...within(features, 2), ...within(features, 3)].some((list) => {
    const parts = (fieldsOf(list) ?? []).filter(({ number }) => number === 1);
    return parts.length > 1 && parts.some(({ wireType }) => wireType === PACKED);
  });
}

/** Whether a name of an Example or a context has a Feature without a list. */
export function hasFeatureWithoutList(record: Uint8Array): boolean {
  return contextOf(record).some((feature) => fieldsOf(feature)?.length === 0);
}

const contextOf = (record: Uint8Array): readonly Uint8Array[] => within([record], 1, 1, 2);

/** The messages in messages' fields of these numbers, in each other. */
function within(messages: readonly Uint8Array[], ...numbers: readonly number[]): readonly Uint8Array[] {
  return numbers.reduce(
    (outer, number) =>
      outer.flatMap((message) =>
        (fieldsOf(message) ?? []).flatMap((field) => (field.number === number ? (delimited(field) ?? []) : [])),
      ),
    messages,
  );
}

function fieldsOf(message: Uint8Array): readonly WireField[] | undefined {
  try {
    return wireFields(message);
  } catch (error) {
    if (error instanceof NoMessage) return undefined;
    throw error;
  }
}
