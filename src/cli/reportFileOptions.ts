import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';

export interface ReportFileFlags {
  readonly page?: string | undefined;
  readonly trace?: string | undefined;
}

/** Adds the options for the files of `report`. */
export function addReportFileOptions(command: Command): Command {
  return command
    .option(
      '--page <file.html>',
      'write an HTML page that shows when each stage waited and how many items it held',
      parseFile('.html'),
    )
    .option(
      '--trace <file.json>',
      "write the same times in Chrome's trace format, for https://ui.perfetto.dev",
      parseFile('.json'),
    );
}

/** Parses the name of a file to write. */
export function parseFile(extension: string): (path: string) => string {
  return (path) => {
    if (path.endsWith(extension) && existsSync(dirname(path))) return path;
    throw new InvalidArgumentError(`Expected a file ${extension} in an existing folder.`);
  };
}
