import Table from 'cli-table3';

/** Makes a table of plain text. The first column contains names, and the other columns contain numbers. */
export const resultTable = (columns: readonly string[]): Table.Table =>
  new Table({
    head: [...columns],
    colAligns: columns.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
