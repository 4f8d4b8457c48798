import { MillraceError } from '../../../base/errors.js';
import { reasonOfFailure } from '../../../base/reasonOfFailure.js';
import { replaceFile } from '../../../base/replaceFile.js';
import { dataPage } from '../../../page/data/dataPage.js';
import { dataFactsOf, type PageSet } from './dataFacts.js';

/**
 * Writes the data page. Returns false if it has no class balance of `label`.
 *
 * @param label - the name of the feature with the classes. Default: found by its name.
 * @throws MillraceError `ERR_OUTPUT` (as a rejection) if the file cannot be written.
 */
export async function writeDataPage(
  path: string,
  sets: readonly PageSet[],
  label: string | undefined,
): Promise<boolean> {
  const facts = await dataFactsOf(sets, label);
  try {
    replaceFile(path, dataPage(facts));
  } catch (cause) {
    const message = `Cannot write ${path}: ${reasonOfFailure(cause)}.`;
    throw new MillraceError(message, { code: 'ERR_OUTPUT', cause });
  }
  return label === undefined || facts.groups.length === 0 || facts.groups.some(({ classes }) => classes);
}
