import { lazy } from '../../base/lazy.js';
import { markBatch } from '../../arrays/batches.js';
import { concatMap, map, of, type OperatorFunction } from 'rxjs';
import { decodeFormat } from '../../../operators/decodeRecords.js';
import { badRecordFields, withBadRecords, type BadRecordOptions } from '../../../operators/shared/badRecords.js';
import { markFreshArrays } from '../../arrays/freshMemory.js';
import { ConfigError } from '../../base/errors.js';
import { parseOptions } from '../../base/parseOptions.js';
import { quote } from '../../base/showValue.js';
import { pullSource } from '../../demand/pullSource.js';
import { ColumnPlan } from '../../formats/parquet/columnPlan.js';
import type { ColumnArrays } from '../../formats/parquet/joinRows.js';
import { parquetFormat } from '../../formats/parquet/parquetFormat.js';
import type { ParquetOptions } from '../../formats/parquet/parquetTypes.js';
import { splitLabel } from '../../formats/table/tableFormat.js';
import { rememberFileReader, type FileTask } from '../records/fileReader.js';
import type { RecordDecoder } from '../records/recordFormat.js';
import { rememberRowFormat } from '../lanes/blockFormat.js';
import { readTables } from './readTables.js';
import { rowGroups } from './rowGroups.js';

export const parquetOptionsSchema = lazy(() => parquetFormat.options().extend(badRecordFields()));

/** Makes the decoder of Parquet files for `recordsOfPlaces`, `recordsOfJob` and `globalBatches`. */
export function parquetDecoder(options: ParquetOptions & BadRecordOptions, caller = 'fromParquet'): RecordDecoder {
  const { label, select, batchSize, ...checked } = parseOptions(caller, parquetOptionsSchema(), options);
  if (label !== undefined && select?.length === 1 && select[0] === label) {
    const message = `${caller}: select: expected at least one column in addition to the label ${quote(label)}`;
    throw new ConfigError(message, { path: 'select' });
  }
  const newPlan = (): ColumnPlan => new ColumnPlan({ ...checked, select, label });
  const plan = newPlan();
  const readFile: OperatorFunction<FileTask, ColumnArrays> = withBadRecords('fromParquet', checked, (judge) =>
    concatMap((task) =>
      pullSource<ColumnArrays>((outlet) => {
        const controller = new AbortController();
        const tables = readTables(task, { plan, batchSize, judge, signal: controller.signal });
        return {
          pull: () => {
            tables.next().then(({ done, value }) => {
              if (done === true) outlet.complete();
              else outlet.deliver(value);
            }, outlet.fail);
          },
          close: () => {
            controller.abort();
            tables.return(undefined).catch(() => undefined);
          },
        };
      }, 'fromParquet'),
    ),
  );
  const itemOf = (table: ColumnArrays): unknown => {
    markFreshArrays(table);
    markBatch('fromParquet', table);
    return label === undefined ? table : splitLabel(table, label);
  };
  // Skipped rows would change the positions.
  const isComplete = (checked.onBadRecord ?? 'fail') === 'fail';
  const seekFacts = isComplete ? { format: 'Parquet', batchSize, select } : undefined;
  const decoder = decodeFormat(parquetFormat, {});
  rememberFileReader(decoder, {
    countFacts: { batchSize },
    seekFacts,
    read: (task) => of(task).pipe(readFile, map(itemOf)),
  });
  if (isComplete) rememberRowFormat(decoder, rowGroups(newPlan, itemOf));
  return decoder;
}
