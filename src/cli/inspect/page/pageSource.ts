import { extentOf, proposalOfSurvey, titleOf, type Inputs } from '../reportSurvey.js';
import type { SketchedRecords } from '../sketch/dataSketch.js';
import type { NumberSketch } from '../sketch/numberSketch.js';
import type { Survey } from '../survey.js';

/** One data set of an inspection, as the data page shows it. */
export interface PageSource {
  /** The format. Data sets with the same title are compared. */
  readonly pageTitle: string;
  /** The sizes of the records in bytes. `undefined` if records have no size. */
  readonly recordSizes: NumberSketch | undefined;
  readonly remarks: readonly string[];
  /** The files of the data set. */
  readonly paths: readonly string[];
  /** The number of records and bytes. */
  extent(): string;
  /** Code or JSON that parses the records. */
  proposal(inputs: Inputs): readonly string[];
  sketched(): SketchedRecords;
}

export function pageSourceOf(survey: Survey): PageSource {
  const { format, bytes, result, recordSizes, remarks, paths } = survey;
  return {
    pageTitle: titleOf({ format, compression: null, bytes, result }),
    recordSizes,
    remarks,
    paths,
    extent: () => extentOf(survey),
    proposal: (inputs) => proposalOfSurvey(survey, inputs),
    sketched: () => survey.sketched(),
  };
}
