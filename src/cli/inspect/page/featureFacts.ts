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
/** If the middle 98 % of the values have a range this many times smaller than all values, only this middle is drawn. */
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
    s: countedOf(features),
    h: histogramsOf(features, detail.bars, values),
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
    ...(kind !== 'text' && numbers.nans > 0 && { nan: numbers.nans }),
    ...(kind !== 'text' && numbers.infinities > 0 && { inf: numbers.infinities }),
    ...(frequent.isExact && kind !== 'bytes' && kind !== 'image' && { u: frequent.size }),
    ...(kind !== 'number' && byteLengths.count > 0 && { len: extentOf(byteLengths) }),
    ...(valueCounts.max > 1 && { cnt: extentOf(valueCounts) }),
  };
}

function extentOf({ min, mean, max }: NumberSketch): number[] {
  return [min, rounded(mean), max];
}

/** The number of values that were counted in each data set. */
export function countedOf(features: ComparedFeature['features']): number[] {
  return features.map((feature) => feature?.sketch.counted ?? 0);
}

function histogramsOf(features: ComparedFeature['features'], bars: number, top: readonly TopValue[]): HistogramFacts[] {
  const isNumber = features.some((feature) => feature && kindOf(feature) === 'number');
  const numbers = features.map((feature) => feature?.sketch.numbers);
  const lengths = features.map((feature) => feature?.sketch.byteLengths);
  const counts = features.map((feature) => feature?.sketch.valueCounts);
  const values = isNumber ? histogramOf('values', numbers, bars) : histogramOf('lengths in bytes', lengths, bars);
  const isUneven = new Set(counts.flatMap((sketch) => (sketch?.count ? [sketch.min, sketch.max] : []))).size > 1;
  const frequent = isNumber ? undefined : frequencies(features, top);
  return [frequent, values, isUneven ? histogramOf('values in a record', counts, bars) : undefined].filter(
    (each) => !!each,
  );
}

/** The shares of the most frequent values, if they are at least half of all values. */
function frequencies(features: ComparedFeature['features'], top: readonly TopValue[]): HistogramFacts | undefined {
  const totals = countedOf(features);
  const shares = totals.map((total, set) => top.map((value) => Number(value[set + 1]) / (total || 1)));
  const isMost = shares.some((each) => each.reduce((sum, share) => sum + share, 0) > 0.5);
  return isMost ? { l: 'most frequent values', c: scaled(shares) } : undefined;
}

/** Returns the shares in percent of the greatest share. */
function scaled(shares: readonly (readonly number[])[]): number[][] {
  const most = Math.max(...shares.flat());
  return shares.map((each) => each.map((share) => Math.round((100 * share) / most)));
}

/** One histogram of one or two data sets. `undefined` if there are no values. */
export function histogramOf(
  label: string,
  sketches: readonly (NumberSketch | undefined)[],
  bars: number,
): HistogramFacts | undefined {
  const filled = sketches.filter((sketch) => sketch !== undefined && sketch.count > 0) as NumberSketch[];
  if (filled.length === 0) return undefined;
  const { from, to, parts, ends } = rangeOf(filled, bars);
  const counts = sketches.map((sketch) => sketch?.quantiles.ranks().histogram(from, to, parts) ?? []);
  const totals = sketches.map((sketch) => sketch?.quantiles.ranks().total ?? 0);
  const shares = counts.map((each, at) => each.map((count) => count / Math.max(1, totals[at] ?? 0)));
  const inside = shares.map((each) => each.reduce((sum, share) => sum + share, 0));
  const outside = Math.max(...inside.filter((_, at) => sketches[at]?.count).map((share) => 1 - share));
  return {
    l: label,
    from: rounded(ends[0]),
    to: rounded(ends[1]),
    c: scaled(shares),
    ...(outside > 0.0005 && { out: Number((100 * outside).toPrecision(2)) }),
  };
}

interface HistogramRange {
  readonly from: number;
  readonly to: number;
  readonly parts: number;
  /** The smallest and the greatest value that the page names. */
  readonly ends: readonly [number, number];
}

/** For integers, the width of a part is a whole number. Outliers are not a part of the range. */
function rangeOf(sketches: readonly NumberSketch[], bars: number): HistogramRange {
  const min = Math.min(...sketches.map((sketch) => sketch.min));
  const max = Math.max(...sketches.map((sketch) => sketch.max));
  const ranks = sketches.map((sketch) => sketch.quantiles.ranks());
  const low = Math.min(...ranks.map((each) => each.quantile(0.01)));
  const high = Math.max(...ranks.map((each) => each.quantile(0.99)));
  const hasOutliers = high > low && max - min > OUTLIER_FACTOR * (high - low);
  const [from, to] = hasOutliers ? [low, high] : [min, max];
  const ends = [from, to] as const;
  if (!sketches.every(({ areIntegers }) => areIntegers) || !Number.isFinite(to - from)) {
    return from < to ? { from, to, parts: bars, ends } : { from: from - 0.5, to: to + 0.5, parts: 1, ends };
  }
  const width = Math.ceil((to - from + 1) / bars);
  const parts = Math.ceil((to - from + 1) / width);
  return { from: from - 0.5, to: from - 0.5 + parts * width, parts, ends };
}

/** Returns the values that occurred more than once. Values with the greatest sum of shares come first. */
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
  const totals = countedOf(features);
  const shareOf = (each: readonly number[]): number =>
    each.reduce((sum, count, set) => sum + count / Math.max(1, totals[set] ?? 0), 0);
  const repeated = [...counts].filter(([, each]) => each.some((count) => count > 1));
  const sorted = repeated.sort(([, one], [, other]) => shareOf(other) - shareOf(one)).slice(0, most);
  return sorted.map(([value, each]) => [cut(value, characters), ...each]);
}

function textsOf(feature: SketchedFeature | undefined, { texts, characters }: Detail): string[] {
  return (feature?.sketch.texts.items ?? []).slice(0, texts).map((text) => cut(text, 2 * characters));
}

const shorten = (name: string, { characters }: Detail): string => cut(name, Math.max(40, characters));

/** Escapes invisible characters, because they could make the shown text look different from the data. */
export function cut(text: string, characters: number): string {
  return printable(text.length > characters ? `${text.slice(0, characters)}…` : text);
}

/** Six digits are enough, but different integers must not look equal. */
function rounded(value: number): number {
  return Number.isSafeInteger(value) ? value : Number(value.toPrecision(6));
}
