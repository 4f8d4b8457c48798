import type { Stage } from './stage.js';
import type { StageObserver } from './observer.js';

/** The same stage, which counts what comes in and what goes out. */
export function countedStage<T>(stage: Stage<T>, probe: StageObserver): Stage<T> {
  const receive = (item: T): void => {
    probe.count(item);
    stage.receive(item);
  };
  if (stage.emitted) return { ...stage, receive };
  let emitted = 0;
  const emit = (): boolean => {
    const didEmit = stage.emit();
    if (didEmit) emitted++;
    return didEmit;
  };
  return { ...stage, receive, emit, emitted: () => emitted };
}
