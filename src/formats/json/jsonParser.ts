import { ConfigError } from '../../base/errors.js';
import { parseOptions } from '../../base/parseOptions.js';
import type { ColumnValue } from '../example/column.js';
import { setProperty } from '../../base/setProperty.js';
import type { Features } from '../example/features.js';
import { featuresSchema } from '../example/featureSchema.js';
import { requireFeatures } from '../protobuf/requireFeatures.js';
import { requireLittleEndian } from '../requireLittleEndian.js';
import { showElement } from './jsonElement.js';
import { JsonColumn, type JsonRow } from './jsonColumn.js';
import { JsonRecord, ONE_VALUE } from './jsonRecord.js';

export class JsonParser {
  readonly #columns = new Map<string, JsonColumn>();

  /** @throws ConfigError if `features` is invalid or empty, or if a feature has an unsupported kind or option. */
  constructor(features: Features) {
    requireLittleEndian();
    for (const [name, feature] of parseOptions('features', featuresSchema(), features, { isMap: true })) {
      if (feature.kind !== 'fixedLen' && feature.kind !== 'varLen' && feature.kind !== 'ragged') {
        const message = `expected fixedLen, varLen or ragged, found ${feature.kind}`;
        throw new ConfigError(`features: ${name}.kind: ${message}`, { path: `${name}.kind` });
      }
      const option = (['valueKey', 'partitions'] as const).find((key) => key in feature);
      if (option)
        throw new ConfigError(`features: ${name}.${option}: decodeJson does not support this option`, {
          path: `${name}.${option}`,
        });
      this.#columns.set(name, new JsonColumn(name, feature));
    }
    requireFeatures('decodeJson', this.#columns.size);
  }

  /**
   * Skips blank lines.
   *
   * @param single - if true, the arrays of the only line have no batch axis.
   * @returns `undefined` if all lines are blank.
   * @throws FormatError if a line is bad.
   */
  parse(lines: readonly (string | Uint8Array)[], firstIndex: number, single: boolean): object | undefined {
    const records = lines
      .map((line, index) => new JsonRecord(line, firstIndex + index))
      .filter(({ isBlank }) => !isBlank);
    if (records.length === 0 && lines.length > 0) return undefined;
    for (const column of this.#columns.values()) column.begin(records.length);
    for (const [index, record] of records.entries()) this.#read(record, index, false);
    const result: Record<string, ColumnValue> = {};
    for (const [name, column] of this.#columns) setProperty(result, name, column.end(single));
    return result;
  }

  /** @param isExact - reads integers above 2^53 exactly, which takes longer. */
  #read(record: JsonRecord, index: number, isExact: boolean): void {
    const object = record.tryParse(isExact) ?? (isExact ? record.parse() : undefined);
    if (object === undefined) {
      this.#read(record, index, true);
      return;
    }
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      record.fail(`expected an object with features, found ${showElement(object)}: ${ONE_VALUE}`);
    }
    const row: JsonRow = { object, isExact, isRounded: false, fail: (message) => record.fail(message) };
    for (const column of this.#columns.values()) column.read(index, row);
    if (row.isRounded) this.#read(record, index, true);
  }
}
