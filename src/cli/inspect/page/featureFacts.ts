import type { FeatureFacts, Figures, HistogramFacts, TopValue } from '../../../page/data/dataFacts.js';
import { printable } from '../../../base/printable.js';
import type { SketchedFeature, SketchedRecords } from '../sketch/dataSketch.js';
import type { ComparedFeature } from '../sketch/distance.js';
import { kindOf } from '../sketch/kindOf.js';
import type { NumberSketch } from '../sketch/numberSketch.js';

/** How much of each feature the page contains. */
export interface Detail {
  /** The parts of a histogram. */
  readonly bars: number;
  readonly values: number;
  readonly texts: number;
  /** The maximum number of characters of a text. */
  readonly characters: number;
}

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];
/** If the middle 98 % of the values have a range this many times smaller than all values, only they are drawn. */
const OUTLIER_FACTOR = 10;

export function featureFacts(
  { name, features, distance }: ComparedFeature,
  sets: readonly SketchedRecords[],
  detail: Detail,
): FeatureFacts {
  const values = topValues(features, detail);
  const texts = features.map((feature) => textsOf(feature, detail));
  return {
    n: shorten(name, detail),
    t: [...new Set(features.flatMap((feature) => (feature ? [typeOf(feature)] : [])))].join(' / '),
    ...(distance && { d: [rounded(distance.distance), rounded(distance.chance), distance.of] }),
    f: features.map((feature, at) => (feature ? figuresOf(feature, sets[at]?.records ?? 0) : null)),
    h: histogramsOf(features, detail.bars),
    ...(values.length > 0 && { v: values }),
    ...(features.some((feature) => feature?.sketch.frequent.isExact === false) && { low: 1 }),
    ...(texts.some((each) => each.length > 0) && { x: texts }),
  };
}

function typeOf(feature: SketchedFeature): string {
  const kind = kindOf(feature);
  const { type } = feature;
  return kind === undefined || kind === 'number' || kind === type ? type : `${type} (${kind})`;
}

function figuresOf(feature: SketchedFeature, records: number): Figures {
  const { sketch } = feature;
  const { numbers, byteLengths, valueCounts, frequent } = sketch;
  const kind = kindOf(feature);
  const ranks = numbers.quantiles.ranks();
  const isNumber = kind === 'number' && numbers.count > 0;
  return {
    m: records - sketch.records,
    ...(isNumber && {
      min: rounded(numbers.min),
      max: rounded(numbers.max),
      mean: rounded(numbers.mean),
      sd: rounded(numbers.deviation),
      q: QUANTILES.map((share) => rounded(ranks.quantile(share))),
    }),
    ...(numbers.nans > 0 && { nan: numbers.nans }),
    ...(numbers.infinities > 0 && { inf: numbers.infinities }),
    ...(frequent.isExact && kind !== 'bytes' && kind !== 'image' && { u: frequent.size }),
    ...(kind !== 'number' && byteLengths.count > 0 && { len: extentOf(byteLengths) }),
    ...(valueCounts.max > 1 && { cnt: extentOf(valueCounts) }),
  };
}

function extentOf({ min, mean, max }: NumberSketch): number[] {
  return [min, rounded(mean), max];
}

function histogramsOf(features: ComparedFeature['features'], bars: number): HistogramFacts[] {
  const isNumber = features.some((feature) => feature && kindOf(feature) === 'number');
  const numbers = features.map((feature) => feature?.sketch.numbers);
  const lengths = features.map((feature) => feature?.sketch.byteLengths);
  const counts = features.map((feature) => feature?.sketch.valueCounts);
  const values = isNumber ? histogramOf('values', numbers, bars) : histogramOf('bytes', lengths, bars);
  const isUneven = new Set(counts.flatMap((sketch) => (sketch?.count ? [sketch.min, sketch.max] : []))).size > 1;
  return [values, isUneven ? histogramOf('values in a record', counts, bars) : undefined].filter((each) => !!each);
}

/** One histogram of one or two data sets. `undefined` if there are no values. */
export function histogramOf(
  label: string,
  sketches: readonly (NumberSketch | undefined)[],
  bars: number,
): HistogramFacts | undefined {
  const filled = sketches.filter((sketch) => sketch !== undefined && sketch.count > 0) as NumberSketch[];
  if (filled.length === 0) return undefined;
  const { from, to, parts } = rangeOf(filled, bars);
  const counts = sketches.map((sketch) => sketch?.quantiles.ranks().histogram(from, to, parts) ?? []);
  const shares = counts.map((each, at) => each.map((count) => count / (sketches[at]?.quantiles.ranks().total ?? 1)));
  const most = Math.max(...shares.flat());
  const inside = shares.map((each) => each.reduce((sum, share) => sum + share, 0));
  const outside = Math.max(...inside.filter((_, at) => sketches[at]?.count).map((share) => 1 - share));
  return {
    l: label,
    from: rounded(from),
    to: rounded(to),
    c: shares.map((each) => each.map((share) => Math.round((100 * share) / most))),
    ...(outside > 0.0005 && { out: Number((100 * outside).toPrecision(2)) }),
  };
}

/** Integers have parts of a whole width. Outliers are not a part of the range. */
function rangeOf(sketches: readonly NumberSketch[], bars: number): { from: number; to: number; parts: number } {
  const min = Math.min(...sketches.map((sketch) => sketch.min));
  const max = Math.max(...sketches.map((sketch) => sketch.max));
  const ranks = sketches.map((sketch) => sketch.quantiles.ranks());
  const low = Math.min(...ranks.map((each) => each.quantile(0.01)));
  const high = Math.max(...ranks.map((each) => each.quantile(0.99)));
  const hasOutliers = high > low && max - min > OUTLIER_FACTOR * (high - low);
  const [from, to] = hasOutliers ? [low, high] : [min, max];
  if (!sketches.every(({ areIntegers }) => areIntegers)) {
    return from < to ? { from, to, parts: bars } : { from: from - 0.5, to: to + 0.5, parts: 1 };
  }
  const width = Math.ceil((to - from + 1) / bars);
  const parts = Math.ceil((to - from + 1) / width);
  return { from: from - 0.5, to: from - 0.5 + parts * width, parts };
}

/** In descending order of the sum of their shares. Without values that occurred only once. */
export function topValues(
  features: ComparedFeature['features'],
  { values: most, characters }: Pick<Detail, 'values' | 'characters'>,
): TopValue[] {
  const counts = new Map<string, number[]>();
  features.forEach((feature, set) => {
    for (const { value, count } of feature?.sketch.frequent.all() ?? []) {
      const key = String(value);
      let found = counts.get(key);
      if (!found) counts.set(key, (found = features.map(() => 0)));
      found[set] = (found[set] ?? 0) + count;
    }
  });
  const shareOf = (each: readonly number[]): number =>
    each.reduce((sum, count, set) => sum + count / (features[set]?.sketch.counted ?? 1), 0);
  const repeated = [...counts].filter(([, each]) => each.some((count) => count > 1));
  const sorted = repeated.sort(([, one], [, other]) => shareOf(other) - shareOf(one)).slice(0, most);
  return sorted.map(([value, each]) => [cut(value, characters), ...each]);
}

function textsOf(feature: SketchedFeature | undefined, { texts, characters }: Detail): string[] {
  return (feature?.sketch.texts.items ?? []).slice(0, texts).map((text) => cut(text, 2 * characters));
}

const shorten = (name: string, { characters }: Detail): string => cut(name, Math.max(40, characters));

/** Escapes invisible characters, because a page can otherwise show a text that is different from the data. */
export function cut(text: string, characters: number): string {
  return printable(text.length > characters ? `${text.slice(0, characters)}…` : text);
}

/** Six digits are enough to read. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
