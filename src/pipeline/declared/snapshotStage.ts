import { lazy } from '../../base/lazy.js';
import { snapshotIn, snapshotSchema } from '../../../operators/snapshot.js';
import { ConfigError } from '../../base/errors.js';
import type { Store } from '../../stores/store.js';
import { choosePlaces } from '../records/chooseStore.js';
import type { DataFacts } from '../records/fileFacts.js';
import type { ParsedStage } from './pipelineSchema.js';
import type { StageOperator } from './stageDefinition.js';

/** Everything that determines the items of a stage's source. */
export interface Above {
  readonly declared: unknown;
  readonly stages: readonly ParsedStage[];
  /** For each channel, a function that returns the facts about its data. */
  readonly data: readonly (() => Promise<DataFacts>)[];
}

interface SnapshotSettings {
  readonly stores?: Store | readonly Store[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The names of the stages that run the user's code. */
  readonly custom: readonly string[];
}

export const snapshotDefinition = lazy(() => ({ name: 'snapshot', options: snapshotSchema() }));

/** The key of a declared snapshot contains all upstream declarations, and the versions of the files. */
export function snapshotStage(
  { key, ...options }: ReturnType<typeof snapshotSchema>['_output'],
  { declared, stages, data }: Above,
  { stores = [], signal, custom }: SnapshotSettings,
): StageOperator {
  const requireKey = (what: string): void => {
    if (key !== undefined) return;
    const message = `snapshot: key: expected a text such as "v1", because Millrace cannot detect whether ${what} changes. Change the key after each change.`;
    throw new ConfigError(message, { path: 'key' });
  };
  const coded = stages.find(({ stage }) => custom.includes(stage));
  if (coded) requireKey(`the code of ${coded.stage}`);
  const [place] = choosePlaces(options.folder, stores, 'if given').places;
  return snapshotIn({ ...options, signal, store: place?.store }, async () => {
    const found = await Promise.all(data.map((read) => read()));
    if (!found.every(({ files }) => files)) requireKey('the data of a Pipe mode channel');
    return [key, declared, stages, found];
  });
}
