/**
 * Joins the lines of each paragraph in the comments of declarations, because editors wrap long lines. Lists, tags and
 * code keep their lines.
 */
export function withLongLines(declarations: string): string {
  return declarations.replaceAll(/\/\*\*\n[\s\S]*?\*\//g, (comment) => {
    const lines: string[] = [];
    let isCode = false;
    for (const line of comment.split('\n')) {
      const text = /^ *\* (.*)$/.exec(line)?.[1] ?? '';
      const last = lines.at(-1) ?? '';
      if (!isCode && continues(text) && /^ *\* [^`\s]/.test(last)) lines[lines.length - 1] = `${last} ${text}`;
      else lines.push(line);
      if (text.startsWith('```')) isCode = !isCode;
    }
    const [, only = ''] = lines;
    return lines.length === 3 ? `/** ${only.replace(/^ *\* /, '')} */` : lines.join('\n');
  });
}

/** True for text that is neither an item of a list, nor a tag, a heading, a row of a table or a fence. */
function continues(text: string): boolean {
  return /^[^\s@#|>*+-]/.test(text) && !/^(\d+\. |```)/.test(text);
}
