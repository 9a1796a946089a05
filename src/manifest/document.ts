import { endsInUsersYaml } from '../expression/ends.ts';
import type { Node } from '../expression/node.ts';
import { printInline } from '../expression/print.ts';
import { type Block, addLine, newBlock } from './block.ts';
import { printBody, printWhen } from './print.ts';

/** The template of a file that holds one object, one per element of a list, or one under a condition. */
export function printDocument(of: Node, chart: string): string {
  const block = newBlock(chart);
  printObjects(of, block);
  return `${block.lines.join('\n')}\n`;
}

function printObjects(of: Node, block: Block): void {
  switch (of.op) {
    case 'when':
      printWhen(of, block, printObjects);
      return;
    case 'list':
      of.items.forEach((item, i) => {
        if (i > 0) addLine(block, '---');
        printObjects(item, block);
      });
      return;
    case 'forEach':
      addLine(block, `{{- range $${of.variable} := ${printInline(of.list, block.context)} }}`);
      addLine(block, '---');
      printObjects(of.body, { ...block, context: { ...block.context, root: '$' } });
      addLine(block, '{{- end }}');
      return;
    case 'splice':
      addLine(block, `{{- range ${printInline(of.list, block.context)} }}`);
      addLine(block, '---');
      // Helm trims both ends of a document: between comments the user's first and last lines stay as they are.
      addLine(block, "# The user's own object");
      addLine(block, '{{ toYaml . }}');
      addLine(block, '# end');
      addLine(block, '{{- end }}');
      return;
    default:
      checkEnd(of);
      printBody(of, block);
  }
}

/** Helm trims the end of a document, and with it the line breaks that a text of the user's may end in. */
function checkEnd(of: Node): void {
  if (endsInUsersYaml(of)) {
    throw new TypeError("a template must not end in the user's YAML: put a key after it that is always there");
  }
}
