import { lastValueFrom, tap } from 'rxjs';
import { nearestName } from '../../base/nearestName.js';
import { quote, quoteNames } from '../../base/showValue.js';
import type { NDArray } from '../../arrays/ndarray.js';
import { Progress } from '../progress.js';
import { fault } from './fault.js';
import type { Columns, InitData } from './findData.js';

/**
 * A feature with at most this many different texts becomes one-hot. A label with at most this many values has classes.
 */
const MAX_CLASSES = 100;

export interface ModelPlan {
  readonly data: InitData;
  readonly task: 'classification' | 'regression';
  readonly label: {
    readonly name: string;
    readonly dtype: NDArray['dtype'];
    readonly classes: readonly (string | number)[];
  };
  /** Features with one number. */
  readonly numbers: readonly string[];
  /** Features with several numbers. */
  readonly vectors: readonly { readonly name: string; readonly size: number }[];
  readonly texts: readonly { readonly name: string; readonly vocabulary: readonly string[] }[];
  readonly omitted: readonly { readonly name: string; readonly reason: string }[];
}

interface Column {
  readonly dtype: NDArray['dtype'];
  /** The shape of one record. Undefined for ragged and sparse features. */
  readonly shape: readonly number[] | undefined;
  /** The different values. Undefined if there are more than {@link MAX_CLASSES}. */
  values: Set<string | number> | undefined;
}

/**
 * Reads all data, and chooses the inputs and the task of a model.
 *
 * @throws ConfigError if the label does not exist or cannot be used, or if no other column can be used.
 */
export async function chooseModel(data: InitData, label: string): Promise<ModelPlan> {
  if (!data.names.includes(label)) {
    const near = nearestName(label, data.names);
    const noHeader = 'columnNames' in data.options ? '. The first line is not a header: see millrace inspect' : '';
    const hint = near === undefined ? noHeader : `. Did you mean ${quote(near)}?`;
    throw fault(data.pattern, `there is no ${data.noun} ${quote(label)}, but ${quoteNames(data.names)}${hint}`);
  }
  const declared = Object.hasOwn(data.features, label) ? data.features[label] : undefined;
  if (typeof declared === 'object' && 'default' in declared) throw withoutLabel(data, label);
  const columns = await columnsOf(data, label);
  const target = columns.get(label);
  const values = [...(target?.values ?? [])];
  if (target?.shape?.some((length) => length !== 1) !== false) {
    throw fault(data.pattern, `the label ${quote(label)} must be one number or text in each record`);
  }
  if (target.dtype === 'bytes' && values.length === 0) {
    throw fault(data.pattern, `the label ${quote(label)} has more than ${MAX_CLASSES} different texts`);
  }
  if (values.includes('')) throw withoutLabel(data, label);
  if (values.length === 1) {
    throw fault(data.pattern, `the label ${quote(label)} is always ${String(values[0])}, so there is nothing to learn`);
  }
  const isClass = values.length > 0 && (target.dtype === 'bytes' || values.every(Number.isInteger));
  const inputs = [...columns].filter(([name]) => name !== label).map(([name, column]) => inputOf(name, column));
  const plan = {
    data,
    task: isClass ? 'classification' : 'regression',
    label: { name: label, dtype: target.dtype, classes: isClass ? sorted(values) : [] },
    numbers: inputs.flatMap((input) => (input.kind === 'number' ? [input.name] : [])),
    vectors: inputs.flatMap((input) => (input.kind === 'vector' ? [input] : [])),
    texts: inputs.flatMap((input) => (input.kind === 'text' ? [input] : [])),
    omitted: inputs.flatMap((input) => (input.kind === 'omitted' ? [input] : [])),
  } as const;
  if (plan.omitted.length < inputs.length) return plan;
  const reasons = plan.omitted.map(({ name, reason }) => `. ${quote(name)} cannot be used: ${reason}`);
  throw fault(data.pattern, `there is no ${data.noun} from which ${quote(label)} can be predicted${reasons.join('')}`);
}

/** A default, as for a missing input, would be a wrong label. */
function withoutLabel({ pattern }: InitData, label: string): Error {
  return fault(pattern, `some records have no label ${quote(label)}: remove them, or choose another label`);
}

async function columnsOf({ columns$, records }: InitData, label: string): Promise<Map<string, Column>> {
  const columns = new Map<string, Column>();
  const progress = new Progress(process.stderr, { total: records });
  let done = 0;
  const addBatch = (batch: Columns): void => {
    for (const entry of Object.entries(batch)) add(columns, ...entry);
    done += batch[label]?.shape?.[0] ?? 0;
    progress.show({ records: done });
  };
  await lastValueFrom(columns$.pipe(tap(addBatch)), { defaultValue: undefined });
  progress.clear();
  return columns;
}

function add(columns: Map<string, Column>, name: string, array: NDArray): void {
  let column = columns.get(name);
  if (!column) {
    const isDense = 'shape' in array;
    const shape = isDense ? array.shape.slice(1) : undefined;
    column = { dtype: isDense ? array.dtype : 'bytes', shape, values: isDense ? new Set() : undefined };
    columns.set(name, column);
  }
  if (!column.values) return;
  for (const value of array.data) {
    column.values.add(value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : Number(value));
    if (column.values.size <= MAX_CLASSES) continue;
    column.values = undefined;
    return;
  }
}

type Input =
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'vector'; readonly name: string; readonly size: number }
  | { readonly kind: 'text'; readonly name: string; readonly vocabulary: readonly string[] }
  | { readonly kind: 'omitted'; readonly name: string; readonly reason: string };

function inputOf(name: string, { dtype, shape, values }: Column): Input {
  if (name === '__proto__') return { kind: 'omitted', name, reason: 'a name that JavaScript reserves' };
  if (!shape) return { kind: 'omitted', name, reason: 'the records have different numbers of values' };
  const size = shape.reduce((product, length) => product * length, 1);
  if (dtype !== 'bytes') return shape.length === 0 ? { kind: 'number', name } : { kind: 'vector', name, size };
  if (shape.length > 0) return { kind: 'omitted', name, reason: 'an array of texts' };
  if (!values) return { kind: 'omitted', name, reason: `more than ${MAX_CLASSES} different texts` };
  return { kind: 'text', name, vocabulary: sorted([...values]).map(String) };
}

function sorted(values: readonly (string | number)[]): (string | number)[] {
  return [...values].sort((left, right) => (left < right ? -1 : 1));
}
