import type { ClassFacts, DataPageFacts, FeatureFacts, GroupFacts, SetFacts } from '../../../page/data/dataFacts.js';
import { grouped } from '../../../base/grouped.js';
import { shownUrl } from '../../../stores/objectErrors.js';
import type { Inputs } from '../reportSurvey.js';
import type { SketchedFeature, SketchedRecords } from '../sketch/dataSketch.js';
import { compareFeatures, type ComparedFeature } from '../sketch/distance.js';
import { kindOf } from '../sketch/kindOf.js';
import { countedOf, cut, featureFacts, histogramOf, topValues, type Detail } from './featureFacts.js';
import type { PageSource } from './pageSource.js';
import { thumbnailsOf } from './thumbnails.js';

/** The page uses the first entry that makes the page small enough. */
const DETAILS: readonly Detail[] = [
  { bars: 40, values: 20, texts: 6, characters: 120 },
  { bars: 24, values: 5, texts: 1, characters: 60 },
  { bars: 16, values: 2, texts: 0, characters: 40 },
  { bars: 10, values: 0, texts: 0, characters: 30 },
];
/** With this limit and 60 thumbnails, the page stays below 5 MB. */
const MAX_FEATURES_LENGTH = 2.6e6;
const MAX_PROPOSAL_LENGTH = 400_000;

/** The lines of a report before code, and before the argument of a decoder. */
const CODE_START = 'to read it:';
const PROPOSAL_START = /^(to read it|for \w+):$/;

const MAX_CLASSES = 1000;
const LABEL_NAME = /(^|[^a-z])(label|class|target|category|folder|y)(es|s|_?id)?($|[^a-z])/i;
/** If no feature has the name of a class, the only category with at most this many values is the class. */
const FEW_CLASSES = 50;

/** The data sets of one command line argument. */
export interface PageSet {
  readonly sources: readonly PageSource[];
  readonly inputs: Inputs;
}

interface Group {
  readonly title: string;
  readonly parts: readonly { readonly set: PageSet; readonly source: PageSource; readonly sketched: SketchedRecords }[];
}

export async function dataFactsOf(sets: readonly PageSet[], label: string | undefined): Promise<DataPageFacts> {
  const names = sets.map(({ inputs }) => shownNames(inputs.patterns));
  const groups = groupsOf(sets).map((group) => {
    const sketched = group.parts.map((part) => part.sketched);
    return { ...group, sketched, compared: compareFeatures(sketched) };
  });
  const details = DETAILS.map((detail) => () => {
    return groups.map(({ compared, sketched }) => compared.map((feature) => featureFacts(feature, sketched, detail)));
  });
  const features = firstThatFits(details);
  const facts = groups.map(async ({ title, parts, compared }, index): Promise<GroupFacts> => {
    return {
      title,
      sets: parts.map(({ set, source, sketched }) => ({
        name: nameOf(source, set),
        records: sketched.records,
        extent: source.extent(),
        remarks: source.remarks,
        proposal: proposalOf(source, set),
      })),
      sizes: histogramOf(
        'record sizes in bytes',
        parts.map(({ source }) => source.recordSizes),
        60,
      ),
      classes: classesOf(compared, label),
      images: await thumbnailsOf(
        compared,
        parts.map(({ set, source }) => nameOf(source, set)),
      ),
      features: features[index] ?? [],
    };
  });
  return {
    title: names.length > 1 ? `${names[0] ?? ''} against ${names[1] ?? ''}` : (names[0] ?? ''),
    groups: await Promise.all(facts),
  };
}

/** If the inputs have several formats, the name contains only the files of one format. */
function nameOf({ paths }: PageSource, { inputs }: PageSet): string {
  return shownNames(paths.length === inputs.count ? inputs.patterns : paths);
}

function shownNames([first = '', ...others]: readonly string[]): string {
  const more = others.length > 0 ? ` and ${grouped(others.length)} more` : '';
  return (first === '-' ? 'standard input' : cut(shownUrl(first), 60)) + more;
}

/** Pairs each data set with the first data set of the other side that has the same title. */
function groupsOf([one, other]: readonly PageSet[]): Group[] {
  const partOf = (set: PageSet, source: PageSource): Group['parts'][number] => ({
    set,
    source,
    sketched: source.sketched(),
  });
  const left = [...(other?.sources ?? [])];
  const groups = (one?.sources ?? []).map((source) => {
    const at = left.findIndex(({ pageTitle }) => pageTitle === source.pageTitle);
    const [match] = at < 0 ? [] : left.splice(at, 1);
    const parts = [partOf(one as PageSet, source), ...(match ? [partOf(other as PageSet, match)] : [])];
    return { title: source.pageTitle, parts };
  });
  return [...groups, ...left.map((source) => ({ title: source.pageTitle, parts: [partOf(other as PageSet, source)] }))];
}

function firstThatFits(details: readonly (() => FeatureFacts[][])[]): FeatureFacts[][] {
  let features: FeatureFacts[][] = [];
  for (const make of details) {
    features = make();
    if (JSON.stringify(features).length <= MAX_FEATURES_LENGTH) break;
  }
  return features;
}

function proposalOf(source: PageSource, { inputs }: PageSet): SetFacts['proposal'] {
  const lines = source.proposal(inputs);
  const at = lines.findIndex((line) => PROPOSAL_START.test(line));
  if (at < 0) return undefined;
  const text = lines
    .slice(at + 1)
    .join('\n')
    .trim();
  const title = lines[at] === CODE_START ? 'Code to read' : `Features ${(lines[at] ?? '').slice(0, -1)},`;
  return {
    title,
    text: text.length <= MAX_PROPOSAL_LENGTH ? text : '// Too long for this page: use millrace inspect.',
  };
}

/** The numbers of all classes, if some feature has classes. */
function classesOf(compared: readonly ComparedFeature[], label: string | undefined): ClassFacts | undefined {
  const isCategory = ({ features }: ComparedFeature): boolean =>
    features.every((feature) => !feature || hasClasses(feature));
  const found =
    label === undefined ? labelOf(compared.filter(isCategory)) : compared.find(({ name }) => name === label);
  if (!found) return undefined;
  const classes = topValues(found.features, { values: MAX_CLASSES, characters: 80 });
  return classes.length > 1 ? { feature: cut(found.name, 80), classes, totals: countedOf(found.features) } : undefined;
}

function labelOf(categories: readonly ComparedFeature[]): ComparedFeature | undefined {
  const named = categories.find(({ name }) => LABEL_NAME.test(name));
  const few = categories.filter(({ features }) => features.every((each) => !each || isFew(each)));
  return named ?? (few.length === 1 ? few[0] : undefined);
}

function hasClasses(feature: SketchedFeature): boolean {
  const { frequent, numbers, valueCounts } = feature.sketch;
  const kind = kindOf(feature);
  const isCategory = kind === 'text' || (kind === 'number' && numbers.areIntegers);
  return isCategory && frequent.isExact && frequent.size > 1 && valueCounts.max <= 1;
}

/** A text that is mostly different in each record is not a class. */
function isFew(feature: SketchedFeature): boolean {
  const { frequent, counted } = feature.sketch;
  return kindOf(feature) === 'text' && frequent.size <= FEW_CLASSES && frequent.size <= counted / 5;
}
