import { Command, InvalidArgumentError } from 'commander';

export interface RoundsProgram {
  readonly name: string;
  readonly description: string;
  /** The default number of rounds. */
  readonly rounds: number;
}

/** Runs a program whose only argument is a number of rounds. Prints errors without a stack. */
export async function runRounds(
  { name, description, rounds }: RoundsProgram,
  work: (rounds: number) => Promise<void>,
): Promise<void> {
  const program = new Command(`npm run ${name} --`)
    .description(description)
    .argument('[rounds]', 'the number of rounds', positiveInteger, rounds)
    .parse();
  try {
    await work(program.processedArgs[0] as number);
  } catch (error) {
    program.error(error instanceof Error ? error.message : String(error));
  }
}

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a positive integer.');
  return Number(text);
}
