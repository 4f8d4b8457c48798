import { isNDArray, type NDArray } from '../core/ndarray.js';
import { describeBytes, describeName, describeValues, quoted } from './inspect/describeValue.js';

/** Of a longer array or object, only so many parts are shown. */
const SHOWN_PARTS = 32;

/** An item of a pipeline as `millrace inspect` shows records: a line for each part, long values cut. */
export function describeItem(item: unknown, index: number): string {
  return `item ${index}:${describe(item, '  ')}`;
}

/** Begins with a blank if it is one line, and with a new line if it is several. */
function describe(value: unknown, indent: string): string {
  if (isNDArray(value)) return ` ${value.dtype} ${shapeOf(value)}${describeValues(value.data)}`;
  if (value instanceof Uint8Array) return ` ${describeBytes(value)}`;
  if (ArrayBuffer.isView(value)) return ` ${describeValues(value as Float64Array)}`;
  if (typeof value === 'string') return ` ${quoted(value)}`;
  if (typeof value !== 'object' || value === null) return ` ${String(value)}`;
  const parts = Object.entries(value);
  if (parts.length === 0) return Array.isArray(value) ? ' []' : ' {}';
  const lines = parts.slice(0, SHOWN_PARTS).map(([name, part]) => {
    return `\n${indent}${describeName(name)}:${describe(part, `${indent}  `)}`;
  });
  if (parts.length > SHOWN_PARTS) lines.push(`\n${indent}… (${parts.length} parts)`);
  return lines.join('');
}

/** Nothing for a scalar: its dtype is enough. */
function shapeOf({ shape }: NDArray): string {
  return shape.length === 0 ? '' : `[${shape.join(', ')}] `;
}
