/** The little Markdown that answers use: paragraphs, `### heading` and `- list`. Anything else, numbers too, is text as it was written. */

export type Block =
  | { type: "p"; lines: string[] }
  | { type: "h"; text: string }
  | { type: "ul"; items: string[] };

const HEADING = /^#{1,6}\s+(.+)$/;
const BULLET = /^\s*[-*•]\s+(.+)$/;

/** Bold marks carry no meaning that the words do not. */
const plain = (text: string): string => text.replace(/\*\*(.+?)\*\*/g, "$1").trim();

export function parse(text: string): Block[] {
  const blocks: Block[] = [];
  let open = false;
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    if (!line.trim()) open = false;
    else open = add(blocks, line, open);
  }
  return blocks;
}

function add(blocks: Block[], line: string, open: boolean): boolean {
  const heading = HEADING.exec(line);
  if (heading) {
    blocks.push({ type: "h", text: plain(heading[1]!) });
    return false;
  }
  const last = open ? blocks[blocks.length - 1] : undefined;
  const item = BULLET.exec(line);
  if (item) {
    if (last?.type === "ul") last.items.push(plain(item[1]!));
    else blocks.push({ type: "ul", items: [plain(item[1]!)] });
  } else if (last?.type === "p") last.lines.push(plain(line));
  else blocks.push({ type: "p", lines: [plain(line)] });
  return true;
}

/** The first paragraph, and the rest that may be folded. A text that begins with a heading or list is not cut. */
export function cut(text: string): { first: Block[]; rest: Block[] } {
  const blocks = parse(text);
  return blocks[0]?.type === "p" ? { first: blocks.slice(0, 1), rest: blocks.slice(1) } : { first: blocks, rest: [] };
}
