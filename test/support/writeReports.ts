import process from 'node:process';

/**
 * Writes the files of all reports of this process now. A report writes at most once a second, so it may write a file
 * after the end of its test.
 */
export function writeReports(): void {
  for (const listener of process.listeners('exit')) if (listener.name === 'writePending') listener(0);
}
