import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';

export interface ReportFileFlags {
  readonly live?: true | undefined;
  readonly page?: string | undefined;
  readonly trace?: string | undefined;
}

export function addReportFileOptions(command: Command): Command {
  return command
    .option('--live', 'serve this page on 127.0.0.1 while the command runs, and print its URL to standard error')
    .option(
      '--page <file.html>',
      'write an HTML page that shows when each stage waited and how many items it buffered',
      parseFile('.html'),
    )
    .option(
      '--trace <file.json>',
      "write the same times in Chrome's trace format, for https://ui.perfetto.dev",
      parseFile('.json'),
    );
}

/** Returns the option `live` of `report`. */
export function liveOf(live: true | undefined, json: true | undefined): ((url: string) => void) | undefined {
  if (!live) return undefined;
  return (url) => {
    const message = `the live report is at ${url}`;
    process.stderr.write(json ? `${JSON.stringify({ message })}\n` : `millrace: ${message}\n`);
  };
}

/** Parses the name of a file to write. */
export function parseFile(extension: string): (path: string) => string {
  return (path) => {
    if (path.endsWith(extension) && existsSync(dirname(path))) return path;
    throw new InvalidArgumentError(`Expected a file ${extension} in an existing folder.`);
  };
}
