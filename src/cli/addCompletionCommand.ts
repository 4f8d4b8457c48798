import { Argument, type Command } from 'commander';
import type { completionScript, Shell } from './completionScript.js';

const HELP = `
  source <(millrace completion bash)       in ~/.bashrc
  source <(millrace completion zsh)        in ~/.zshrc, after compinit
  millrace completion fish | source        in ~/.config/fish/config.fish`;

export function addCompletionCommand(program: Command, load: () => Promise<typeof completionScript>): void {
  program
    .command('completion')
    .description('print a script that completes commands, options and files in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish'] satisfies Shell[]))
    .option('--json', 'print the script as one JSON object')
    .option('--quiet', 'accepted by all commands. Has no effect here')
    .addHelpText('after', HELP)
    .action(async (shell: Shell, { json }: { readonly json?: true }) => {
      const script = (await load())(program, shell);
      process.stdout.write(json ? `${JSON.stringify({ shell, script })}\n` : script);
    });
}
