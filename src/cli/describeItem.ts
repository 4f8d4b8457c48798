import { isNDArray, type NDArray } from '../arrays/ndarray.js';
import { quote } from '../base/showValue.js';
import { describeBytes, describeName, describeValues } from './inspect/describeValue.js';

const SHOWN_PARTS = 32;

/** Describes an item like `millrace inspect`, with one line for each part. */
export function describeItem(item: unknown, index: number): string {
  return `item ${index}:${describe(item, '  ')}`;
}

/** The result starts with a space or, if it has several lines, with a line break. */
function describe(value: unknown, indent: string): string {
  if (isNDArray(value)) return ` ${value.dtype} ${shapeOf(value)}${describeValues(value.data)}`;
  if (value instanceof Uint8Array) return ` ${describeBytes(value)}`;
  if (ArrayBuffer.isView(value)) return ` ${describeValues(value as Float64Array)}`;
  if (typeof value === 'string') return ` ${quote(value)}`;
  if (typeof value !== 'object' || value === null) return ` ${String(value)}`;
  const parts = Object.entries(value);
  if (parts.length === 0) return Array.isArray(value) ? ' []' : ' {}';
  const lines = parts.slice(0, SHOWN_PARTS).map(([name, part]) => {
    return `\n${indent}${describeName(name)}:${describe(part, `${indent}  `)}`;
  });
  if (parts.length > SHOWN_PARTS) lines.push(`\n${indent}… (${parts.length} parts)`);
  return lines.join('');
}

/** Returns an empty text for a scalar. */
function shapeOf({ shape }: NDArray): string {
  return shape.length === 0 ? '' : `[${shape.join(', ')}] `;
}
