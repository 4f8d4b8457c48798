import type { ContentResult } from './content.js';
import type { FoundCsv } from './csvGuess.js';

type CsvProposal = Pick<ContentResult, 'decoder' | 'features' | 'options' | 'header' | 'skipLines' | 'skipFilled'>;

export function csvProposal(csv: FoundCsv): CsvProposal {
  return csv.decoder === 'decodeTable' ? tableProposal(csv) : linesProposal(csv);
}

/** The features are the option `columns` of decodeTable. Headers need no option. */
function tableProposal({ columns, header, fieldDelim }: FoundCsv): CsvProposal {
  const names = header ?? columns.map((_, at) => `column${at + 1}`);
  const options = { ...(fieldDelim !== ',' && { delimiter: fieldDelim }), ...(!header && { columnNames: names }) };
  return {
    decoder: 'decodeTable',
    // Options cannot contain the name `__proto__`. The dtype of such a column is inferred.
    features: Object.fromEntries(names.map((name, at) => [name, columns[at]]).filter(([name]) => name !== '__proto__')),
    ...(Object.keys(options).length > 0 && { options }),
    ...(header && { header }),
  };
}

/** The features are the first argument of decodeCsv. */
function linesProposal({ columns, header, skipLines, skipFilled, fieldDelim }: FoundCsv): CsvProposal {
  return {
    decoder: 'decodeCsv',
    features: columns.map((column) => {
      // In decodeCsv, empty text needs a default, and there is no dtype bool.
      if (column === 'string') return { dtype: column, default: '' };
      return column === 'bool' ? 'string' : column;
    }),
    ...(fieldDelim !== ',' && { options: { fieldDelim } }),
    ...(header && { header }),
    ...(skipLines !== undefined && { skipLines }),
    ...(skipFilled !== undefined && { skipFilled }),
  };
}
