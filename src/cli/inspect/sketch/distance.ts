import type { CountedValue } from './frequentValues.js';
import type { SketchedFeature, SketchedRecords } from './dataSketch.js';
import type { FeatureSketch } from './featureSketch.js';
import { kindOf } from './kindOf.js';
import type { NumberSketch } from './numberSketch.js';

/** Integers with at most this many different values are categories. */
const MOST_CATEGORIES = 20;
/** An upper bound for the error of two sketches that contain only some of the numbers. */
const SKETCH_ERROR = 0.02;
/** The absolute value of a normal variable with a standard deviation of 1 exceeds this bound in 5 % of all cases. */
const NORMAL_BOUND = 1.96;
/** A variable with the Kolmogorov distribution exceeds this bound in 5 % of all cases. */
const KOLMOGOROV_BOUND = 1.36;

export interface Distance {
  /** From 0 (equal) to 1: a difference between two shares. */
  readonly distance: number;
  /** With a probability of about 95 %, two random samples of the same data have a smaller distance than this. */
  readonly chance: number;
  /** Names the property that differs. */
  readonly of: 'values' | 'missing' | 'lengths' | 'counts' | 'presence' | 'types';
}

/**
 * Compares a feature of two data sets by its values, its missing values, the lengths of texts and bytes, and the number
 * of values in a record. Returns the property with the greatest distance. Properties whose distance exceeds their own
 * `chance` have priority.
 *
 * - For numbers: the Kolmogorov-Smirnov statistic, the greatest difference in the share of values below a limit.
 * - For categories, such as texts: the total variation distance, the greatest difference in the share of a set of
 *   values. Values that occur only once count as one category.
 */
export function distanceOf(one: SketchedFeature, other: SketchedFeature, records: readonly [number, number]): Distance {
  const [kind, otherKind] = [kindOf(one), kindOf(other)];
  const [first, second] = [one.sketch, other.sketch];
  const distances: Distance[] = [];
  if (kind !== undefined && otherKind !== undefined) {
    if (kind !== otherKind) return { distance: 1, chance: 0, of: 'types' };
    if (kind === 'number' && !areCategories(first, second)) {
      distances.push(numbersDistance(first.numbers, second.numbers, 'values'));
    } else distances.push(categoriesDistance(first, second));
    if (kind !== 'number') distances.push(numbersDistance(first.byteLengths, second.byteLengths, 'lengths'));
    distances.push(numbersDistance(first.valueCounts, second.valueCounts, 'counts'));
  }
  // The sort keeps the order of equal distances.
  const [most = ABSENT] = [...distances, missingDistance(first, second, records)].sort(compareDistances);
  const values = distances.find(({ of }) => of === 'values');
  // Different values often have different lengths, so a different property counts only if its distance is clearly
  // larger.
  const isEqual = values && excessOf(values) > 0 && most.distance - values.distance < SKETCH_ERROR;
  return isEqual ? values : most;
}

const excessOf = ({ distance, chance }: Distance): number => distance - chance;

/** Features that differ by more than chance come first, in descending order of their distances. */
export function compareDistances(one: Distance, other: Distance): number {
  const isLater = Number(excessOf(one) <= 0) - Number(excessOf(other) <= 0);
  return isLater || other.distance - one.distance;
}

const NO_DISTANCE: Distance = { distance: 0, chance: 0, of: 'missing' };

/** The distance if only one data set has the feature, or has records. */
export const ABSENT: Distance = { distance: 1, chance: 0, of: 'presence' };

function missingDistance(one: FeatureSketch, other: FeatureSketch, records: readonly [number, number]): Distance {
  const [total, otherTotal] = records;
  if (total === 0 || otherTotal === 0) return total === otherTotal ? NO_DISTANCE : ABSENT;
  const distance = Math.abs(one.records / total - other.records / otherTotal);
  const pooled = (one.records + other.records) / (total + otherTotal);
  const chance = NORMAL_BOUND * Math.sqrt(pooled * (1 - pooled) * (1 / total + 1 / otherTotal));
  return { distance, chance, of: 'missing' };
}

function numbersDistance(one: NumberSketch, other: NumberSketch, of: Distance['of']): Distance {
  if (one.count === 0 || other.count === 0) return { distance: 0, chance: 0, of };
  const isExact = one.quantiles.isExact && other.quantiles.isExact;
  const distance = one.quantiles.ranks().distanceTo(other.quantiles.ranks());
  const bound = KOLMOGOROV_BOUND * Math.sqrt(1 / one.count + 1 / other.count);
  return { distance, chance: bound + (isExact ? 0 : SKETCH_ERROR), of };
}

function areCategories(one: FeatureSketch, other: FeatureSketch): boolean {
  return [one, other].every(({ numbers, frequent }) => {
    return numbers.areIntegers && frequent.isExact && frequent.size <= MOST_CATEGORIES;
  });
}

function categoriesDistance(one: FeatureSketch, other: FeatureSketch): Distance {
  const [total, otherTotal] = [one.counted, other.counted];
  if (total === 0 || otherTotal === 0) return { distance: 0, chance: 0, of: 'values' };
  const [counts, otherCounts] = [countsOf(one.frequent.all()), countsOf(other.frequent.all())];
  let [rest, otherRest] = [total, otherTotal];
  let [distance, chance] = [0, 0];
  const addCategory = (count: number, otherCount: number): void => {
    const share = (count + otherCount) / (total + otherTotal);
    distance += Math.abs(count / total - otherCount / otherTotal) / 2;
    // Half of the mean of the absolute value of a normal variable.
    chance += Math.sqrt((share * (1 - share) * (1 / total + 1 / otherTotal)) / (2 * Math.PI));
  };
  for (const value of new Set([...counts.keys(), ...otherCounts.keys()])) {
    const [count, otherCount] = [counts.get(value) ?? 0, otherCounts.get(value) ?? 0];
    if (count + otherCount < 2) continue;
    [rest, otherRest] = [rest - count, otherRest - otherCount];
    addCategory(count, otherCount);
  }
  addCategory(rest, otherRest);
  // The difference between the bound and the mean, for one category.
  return { distance, chance: chance + 0.6 * Math.sqrt(1 / total + 1 / otherTotal), of: 'values' };
}

function countsOf(values: readonly CountedValue<number | string>[]): Map<string, number> {
  return new Map(values.map(({ value, count }) => [String(value), count]));
}

export interface ComparedFeature {
  readonly name: string;
  /** An element is `undefined` if its data set does not have the feature. */
  readonly features: readonly (SketchedFeature | undefined)[];
  /** `undefined` if there is only one data set. */
  readonly distance: Distance | undefined;
}

/** Joins the features of one or two data sets by their names. Features that differ the most come first. */
export function compareFeatures(sets: readonly SketchedRecords[]): ComparedFeature[] {
  const [one, other] = sets;
  if (!one) return [];
  if (!other) return one.features.map((feature) => ({ name: feature.name, features: [feature], distance: undefined }));
  const others = new Map(other.features.map((feature) => [feature.name, feature]));
  const compared = one.features.map((feature) => {
    const found = others.get(feature.name);
    others.delete(feature.name);
    const distance = found ? distanceOf(feature, found, [one.records, other.records]) : ABSENT;
    return { name: feature.name, features: [feature, found], distance };
  });
  const added = Array.from(others, ([name, feature]) => ({ name, features: [undefined, feature], distance: ABSENT }));
  return [...compared, ...added].sort((a, b) => compareDistances(a.distance, b.distance));
}
