import type { SketchedFeature } from './dataSketch.js';
import type { ValueKind } from './featureSketch.js';

/** The kind of most values. `undefined` if there are no values. */
export function kindOf({ sketch, isText }: SketchedFeature): ValueKind | undefined {
  if (sketch.values === 0) return undefined;
  if (isText) return 'text';
  const kinds = Object.entries(sketch.kinds) as [ValueKind, number][];
  return kinds.reduce((most, kind) => (kind[1] > most[1] ? kind : most))[0];
}
