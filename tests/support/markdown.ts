/** The commands of a page: the lines of its `sh` blocks. */
export const commandsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.trim().split('\n'));

/** The text of the first block in that language; empty where there is none. */
export const blockOf = (markdown: string, language: string): string => {
  const [, text = ''] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(markdown) ?? [];
  return text;
};
