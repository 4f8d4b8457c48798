import { delimited, NoMessage, wireFields, type WireField } from '../formats/reference/wireFields.js';

/*
 * TensorFlow's fast parsers read only the bytes that protobuf's libraries write. They reject some legal protobuf: an
 * entry without a value or with unknown fields, a list that is both packed and unpacked. They accept some bytes that
 * are not protobuf, such as tags of number 0. This package follows protobuf in both cases.
 */

/** Returns true if protobuf's libraries may write this Example: only known fields, and each singular field once. */
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

/** Returns true if a message contains only messages in fields of these numbers. */
function isMessage(message: Uint8Array, checks: Readonly<Record<number, Check>>): boolean {
  return fieldsOf(message)?.every((field) => isIn(field, checks)) ?? false;
}

function isIn(field: WireField, checks: Readonly<Record<number, Check>>): boolean {
  const content = delimited(field);
  return content !== undefined && (checks[field.number]?.(content) ?? false);
}

/** An entry of a map is a key, then a value. */
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

/** Numbers are all packed or all unpacked. */
function isListOf(list: Uint8Array, wireType: number): boolean {
  const fields = fieldsOf(list);
  if (!fields?.every(({ number }) => number === 1)) return false;
  const packed = fields[0] && delimited(fields[0]);
  if (!packed) return fields.every((field) => field.wireType === wireType);
  const endsWithNumber = wireType === FIXED32 ? packed.length % 4 === 0 : (packed.at(-1) ?? 0) < 0x80;
  return fields.length === 1 && endsWithNumber;
}

/** Returns true if a list of numbers is packed in several parts, or only partly packed. Protobuf allows both. */
export function hasListInParts(record: Uint8Array): boolean {
  const features = [...contextOf(record), ...within([record], 2, 1, 2, 1)];
  return [...within(features, 2), ...within(features, 3)].some((list) => {
    const parts = (fieldsOf(list) ?? []).filter(({ number }) => number === 1);
    return parts.length > 1 && parts.some(({ wireType }) => wireType === PACKED);
  });
}

/** Returns true if an Example or a context has a Feature without a list. */
export function hasFeatureWithoutList(record: Uint8Array): boolean {
  return contextOf(record).some((feature) => fieldsOf(feature)?.length === 0);
}

const contextOf = (record: Uint8Array): readonly Uint8Array[] => within([record], 1, 1, 2);

/** Returns the nested messages at a path of field numbers. */
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
