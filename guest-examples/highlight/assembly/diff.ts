import { startsWith } from "./bytes";
import { Painter } from "./painter";

/** Paints a unified diff, a line at a time. */
export function paintDiff(painter: Painter, from: usize, end: usize): void {
  let line = from;
  let header = false;
  while (line < end) {
    let stop = line;
    while (stop < end && load<u8>(stop) != 10) stop++;
    const c = load<u8>(line);
    // A removed line may itself begin with `-- `: `--- ` is a header only with its `+++ ` on the next line.
    const old = startsWith(line, end, "--- ") && startsWith(min(stop + 1, end), end, "+++ ");
    if (old || header || startsWith(line, end, "diff ") || startsWith(line, end, "index ")) {
      painter.paint("meta", line, stop);
    } else if (startsWith(line, end, "@@")) {
      painter.paint("section", line, stop);
    } else if (c == 43) {
      painter.paint("addition", line, stop);
    } else if (c == 45) {
      painter.paint("deletion", line, stop);
    }
    header = old;
    line = stop + 1;
  }
}
