// The live region: from top to bottom what moves, what is typed, what can be chosen, what goes on. Rows come painted and cut to
// width; one node per row keeps a frame cheap.

import { Box, Text } from "ink";
import { memo } from "react";
import type { LiveModel } from "./model";

const Row = memo(function Row({ text }: { text: string }) {
  // A node without text would have no height.
  return <Text wrap="truncate-end">{text === "" ? " " : text}</Text>;
});

function Rows({ rows }: { rows: readonly string[] }) {
  if (rows.length === 0) return null;
  return (
    <Box flexDirection="column" flexShrink={0}>
      {rows.map((text, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <Row key={index} text={text} />
      ))}
    </Box>
  );
}

/** Everything that changes in place. */
export function Live({ model }: { model: LiveModel }) {
  return (
    <Box flexDirection="column">
      <Rows rows={model.docks} />
      <Rows rows={model.tail} />
      <Rows rows={model.queue} />
      <Rows rows={model.editor} />
      <Rows rows={model.menu} />
      <Rows rows={model.status} />
    </Box>
  );
}
