const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Also matches a comment or CDATA without an end, so that the search takes linear time. */
const PARTS = /(<!--[^]*?(?:-->|$))|<!\[CDATA\[([^]*?)(?:\]\]>|$)|(<\/?)[\w.-]+:(?=\w)/g;

/**
 * Removes comments, and escapes the text of CDATA. Removes the prefixes of namespaces, because the SDK does not find
 * `<s3:Key>`.
 */
export function plainXml(text: string): string {
  return text.replace(PARTS, (_, comment?: string, content?: string, tagStart?: string) => {
    if (comment !== undefined) return comment.endsWith('-->') ? '' : comment;
    return tagStart ?? (content ?? '').replace(/[&<>]/g, (character) => ESCAPES[character] ?? '');
  });
}
