import { createInterface, type Interface } from 'node:readline';
import { ConfigError } from '../../base/errors.js';

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Asks questions in a terminal. */
export class Answers {
  readonly #input: Input;
  readonly #output: NodeJS.WritableStream;
  #terminal: Interface | undefined;
  #lines: AsyncIterator<string> | undefined;

  constructor(input: Input, output: NodeJS.WritableStream) {
    this.#input = input;
    this.#output = output;
  }

  /**
   * @param flag - the argument that answers the question without a terminal.
   * @throws ConfigError if there is no terminal, or if its input ends.
   */
  async ask(flag: string, question: string, suggestion?: string): Promise<string> {
    if (this.#input.isTTY !== true) {
      throw new ConfigError(`init: expected ${flag}, because there is no terminal for the question: ${question}`, {
        path: flag,
      });
    }
    this.#terminal ??= createInterface({ input: this.#input, terminal: false });
    this.#lines ??= this.#terminal[Symbol.asyncIterator]();
    for (;;) {
      this.#output.write(suggestion === undefined ? `${question} ` : `${question} [${suggestion}] `);
      const line = await this.#lines.next();
      if (line.done) throw new ConfigError(`init: the input ended before the answer for ${flag}`, { path: flag });
      const answer = line.value.trim();
      if (answer !== '') return answer;
      if (suggestion !== undefined) return suggestion;
    }
  }

  /** Releases the terminal, so that the process can end. */
  end(): void {
    this.#terminal?.close();
  }
}
