import { h, type FunctionalComponent, type VNode } from "vue";
import type { Block } from "../lib/markdown";

function node(block: Block): VNode {
  if (block.type === "h") return h("h3", block.text);
  if (block.type === "p") return h("p", block.lines.join("\n"));
  return h(block.type, block.items.map((item) => h("li", item)));
}

/** Parsed text as elements; nothing in it is ever read as HTML. */
const RichText: FunctionalComponent<{ blocks: Block[] }> = ({ blocks }) => h("div", { class: "rich" }, blocks.map(node));
RichText.props = ["blocks"];
export default RichText;
