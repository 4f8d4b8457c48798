import type { LogicalType, SchemaElement, SchemaTree } from 'hyparquet';
import type { DType } from '../../arrays/ndarray.js';
import type { ColumnLevels } from './decodeColumn.js';

const DTYPES: Readonly<Record<string, DType>> = {
  BOOLEAN: 'bool',
  INT32: 'int32',
  INT64: 'int64',
  INT96: 'int64',
  FLOAT: 'float32',
  DOUBLE: 'float64',
};

interface ValueType {
  readonly dtype: DType;
  /** The name of the type in Parquet, such as `timestamp_micros` or `double`. */
  readonly typeName: string;
  /** The schema of a required column of this type. It has an annotation only if hyparquet must convert the values. */
  readonly element: SchemaElement;
}

/** A column with values: a column of the table, or a field of a struct, or the elements of a list. */
export interface ParquetLeaf extends ColumnLevels, ValueType {
  /** The names of the column and its structs, joined by dots. The inner groups of lists are left out. */
  readonly name: string;
  readonly path: readonly string[];
  /**
   * The definition level of an element of the list. This level minus 1 means an empty list, and all lower levels mean a
   * null list.
   */
  readonly listDefinition: number;
}

type Position = Pick<ParquetLeaf, 'maxDefinition' | 'maxRepetition' | 'listDefinition'> & {
  readonly names: readonly string[];
  /** The annotation of the parent. `ELEMENT` if the node is the only field of a list's repeated group. */
  readonly parent: string | undefined;
};

/** Returns the leaves in the order of the column chunks of a row group. */
export function leavesOf(root: SchemaTree): readonly ParquetLeaf[] {
  const start = { names: [], maxDefinition: 0, maxRepetition: 0, listDefinition: 0, parent: undefined };
  return root.children.flatMap((node) => leavesBelow(node, start));
}

function leavesBelow(node: SchemaTree, above: Position): readonly ParquetLeaf[] {
  const { element, children, path } = node;
  const isRepeated = element.repetition_type === 'REPEATED';
  const isOfList = isRepeated && above.parent === 'LIST';
  const isHidden = isOfList || above.parent === 'ELEMENT' || (isRepeated && above.parent === 'MAP');
  const names = isHidden ? above.names : [...above.names, element.name];
  const maxDefinition = above.maxDefinition + (element.repetition_type === 'REQUIRED' ? 0 : 1);
  const maxRepetition = above.maxRepetition + (isRepeated ? 1 : 0);
  const listDefinition = isRepeated ? maxDefinition : above.listDefinition;
  const levels = { maxDefinition, maxRepetition, listDefinition };
  if (children.length > 0) {
    const parent = isOfList && children.length === 1 ? 'ELEMENT' : annotationOf(element);
    return children.flatMap((child) => leavesBelow(child, { ...levels, names, parent }));
  }
  return element.type ? [{ name: names.join('.'), path, ...levels, ...valueTypeOf(element) }] : [];
}

function annotationOf({ converted_type: converted, logical_type: logical }: SchemaElement): string | undefined {
  return logical?.type ?? converted?.replace('_KEY_VALUE', '');
}

/** @see https://github.com/apache/parquet-format/blob/master/LogicalTypes.md */
function valueTypeOf(annotated: SchemaElement): ValueType {
  const { type = 'INT32', type_length = 0, converted_type: converted = '', logical_type: logical } = annotated;
  const plain = { name: 'values', repetition_type: 'REQUIRED', type, type_length } as const;
  const name = logical ? convertedName(logical) : converted;
  const typeOf = (dtype: DType, conversion?: Partial<SchemaElement>): ValueType => {
    return {
      dtype,
      typeName: (name === 'UTF8' ? 'string' : name || type).toLowerCase().replace('int_', 'int'),
      element: { ...plain, ...conversion },
    };
  };
  const { scale = 0 } = { ...annotated, ...logical };
  if (name === 'DECIMAL') return typeOf('float64', { converted_type: name, scale });
  if (name === 'FLOAT16') return typeOf('float32', { logical_type: { type: name } });
  if (!/^U?INT_/.test(name)) return typeOf(DTYPES[type] ?? 'bytes');
  return typeOf(name.toLowerCase().replace('_', '') as DType, { converted_type: name as 'INT_8' });
}

/**
 * Returns the name of the converted type. Old files have only converted types, and some new files have only logical
 * types.
 */
function convertedName(logical: LogicalType): string {
  if ('unit' in logical) return `${logical.type}_${logical.unit}`;
  return logical.type === 'INTEGER' ? `${logical.isSigned ? '' : 'U'}INT_${logical.bitWidth}` : logical.type;
}
