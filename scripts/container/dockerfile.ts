export type Instruction =
  | { readonly name: 'FROM'; readonly image: string; readonly stage: string | undefined }
  | { readonly name: 'WORKDIR'; readonly path: string }
  | {
      readonly name: 'COPY';
      readonly stage: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly name: 'RUN'; readonly command: string }
  | { readonly name: 'ENV'; readonly variables: Readonly<Record<string, string>> }
  | { readonly name: 'ENTRYPOINT' | 'CMD'; readonly args: readonly string[] };

/**
 * Parses a Dockerfile. Supports comments, and lines that continue after a backslash.
 *
 * @throws Error if an instruction, or its form, is not supported.
 * @see https://docs.docker.com/reference/dockerfile/
 */
export function parseDockerfile(text: string): readonly Instruction[] {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(parseInstruction);
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
  switch (name) {
    case 'FROM': {
      const [, image, stage] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      if (image !== undefined) return { name, image, stage };
      break;
    }
    case 'WORKDIR':
      return { name, path: rest };
    case 'COPY': {
      const [, stage, paths = ''] = /^(?:--from=(\S+) )?([^-].*)$/.exec(rest) ?? [];
      const sources = paths.split(/\s+/);
      const target = sources.pop();
      if (target !== undefined && sources.length > 0) return { name, stage, sources, target };
      break;
    }
    case 'RUN':
      if (!/^(\[|--)/.test(rest)) return { name, command: rest };
      break;
    case 'ENV': {
      const variables = Array.from(rest.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g), ([, key, quoted, bare]) => [
        key,
        quoted ?? bare,
      ]);
      if (variables.length > 0) return { name, variables: Object.fromEntries(variables) as Record<string, string> };
      break;
    }
    case 'ENTRYPOINT':
    case 'CMD':
      if (rest.startsWith('[')) return { name, args: JSON.parse(rest) as string[] };
  }
  throw new Error(`Dockerfile: ${line}: this instruction is not supported here. Extend scripts/container.`);
}
