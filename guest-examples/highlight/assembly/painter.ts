import { Bytes } from "./bytes";

/** Writes code as HTML: what is painted goes into a span, everything between goes out escaped. */
export class Painter {
  readonly out: Bytes;
  /** Up to here everything is written. */
  private written: usize;

  constructor(from: usize, to: usize) {
    this.out = new Bytes(<i32>(to - from) * 2 + 64);
    this.written = from;
  }

  /** Paints [from, to) as `hl-<kind>`. Calls must come in order. */
  paint(kind: string, from: usize, to: usize): void {
    if (from >= to) return;
    this.out.html(this.written, from);
    this.out.ascii('<span class="hl-');
    this.out.ascii(kind);
    this.out.ascii('">');
    this.out.html(from, to);
    this.out.ascii("</span>");
    this.written = to;
  }

  finish(to: usize): void {
    this.out.html(this.written, to);
    this.written = to;
  }
}
