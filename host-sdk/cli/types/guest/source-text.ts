const UNSEEN = /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text in double quotes, as source code of a language whose escape for a UTF-16 unit is made by `unit`. */
export function sourceText(value: string, unit: (hex: string) => string): string {
  let text = '"';
  for (const character of value) {
    if (SHORT[character] !== undefined) text += SHORT[character];
    else if (UNSEEN.test(character)) text += unit(character.charCodeAt(0).toString(16).padStart(4, '0'));
    else text += character;
  }
  return `${text}"`;
}
