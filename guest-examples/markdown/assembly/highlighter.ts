import { Bytes, startsWith, valid } from "./bytes";
import { give, giveBack, giveText, Level, log, take } from "./extism";

@external("extism:host/user", "plugin_call")
declare function plugin_call(name: u64, fn: u64, input: u64): u64;

/** The plugin that paints code: a dependency in plugin.json, called through the host. */
const PLUGIN = "@acme/highlight";

/** Paints fenced code with another plugin. */
export class Highlighter {
  /** False once there was no answer: then the rest of the document does without. */
  private there: bool;
  private request: Bytes = new Bytes();

  constructor(enabled: bool) {
    this.there = enabled;
  }

  /** Appends code as HTML, painted if the other plugin can, else just escaped. */
  write(out: Bytes, lang: Bytes, code: usize, codeEnd: usize): void {
    const painted = this.there && lang.length && code < codeEnd ? this.ask(lang, code, codeEnd) : null;
    if (painted === null) {
      out.html(code, codeEnd);
      return;
    }
    const from = changetype<usize>(painted);
    out.append(from, from + painted.length);
  }

  private ask(lang: Bytes, code: usize, codeEnd: usize): StaticArray<u8> | null {
    const request = this.request;
    request.clear();
    request.ascii('{"lang":');
    request.json(lang.at, lang.end);
    request.ascii(',"code":');
    request.json(code, codeEnd);
    request.push(125);
    const name = giveText(PLUGIN);
    const fn = giveText("highlight");
    const input = give(request.at, request.length);
    const answer = take(plugin_call(name, fn, input));
    giveBack(input);
    giveBack(fn);
    giveBack(name);
    if (answer === null) {
      this.there = false;
      log(Level.Warn, PLUGIN + " did not answer; code stays plain");
      return null;
    }
    const painted = valid(answer);
    if (isPainted(changetype<usize>(painted), changetype<usize>(painted) + painted.length)) return painted;
    log(Level.Warn, PLUGIN + " answered with more than painted text; code stays plain");
    return null;
  }
}

/**
 * Whether HTML is text with `<span class="…">` around parts of it and nothing else. What another plugin answers is as
 * little to be trusted as what a document says.
 */
export function isPainted(from: usize, to: usize): bool {
  let open = 0;
  let p = from;
  while (p < to) {
    if (load<u8>(p) != 60) {
      p++;
    } else if (startsWith(p, to, "</span>")) {
      if (--open < 0) return false;
      p += 7;
    } else {
      if (!startsWith(p, to, '<span class="')) return false;
      p += 13;
      while (p < to && isClassByte(load<u8>(p))) p++;
      if (!startsWith(p, to, '">')) return false;
      p += 2;
      open++;
    }
  }
  return open == 0;
}

function isClassByte(c: u8): bool {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c == 45 || c == 95 || c == 32;
}
