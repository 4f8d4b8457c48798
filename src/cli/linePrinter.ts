import { MillraceError } from '../base/errors.js';
import { reasonOfFailure } from '../base/reasonOfFailure.js';

export class LinePrinter {
  readonly #onFailure: () => void;
  #failure: MillraceError | undefined;

  /** @param onFailure - called once, at the first failed write. */
  constructor(onFailure: () => void = () => undefined) {
    this.#onFailure = onFailure;
    process.stdout.on('error', this.#fail);
  }

  /**
   * Prints a line to standard output, without waiting.
   *
   * @throws MillraceError `ERR_OUTPUT` if an earlier line could not be written.
   */
  print(line: string): void {
    if (this.#failure) throw this.#failure;
    process.stdout.write(`${line}\n`, this.#fail);
  }

  /**
   * Waits until all lines are written.
   *
   * @throws MillraceError (as a rejection) if a line could not be written.
   */
  async end(): Promise<void> {
    await new Promise<void>((resolve) => {
      process.stdout.write('', () => {
        resolve();
      });
    });
    process.stdout.off('error', this.#fail);
    if (this.#failure) throw this.#failure;
  }

  readonly #fail = (cause: Error | null | undefined): void => {
    if (!cause || this.#failure) return;
    const message = `Cannot write to standard output: ${reasonOfFailure(cause)}.`;
    this.#failure = new MillraceError(message, { code: 'ERR_OUTPUT', cause });
    this.#onFailure();
  };
}
