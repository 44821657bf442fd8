/**
 * Memory goes from one processor to another by so much at a time, or by half of it: words that one of them writes often do not lie
 * in a line with words that the other one uses, which would wait for that line each time.
 */
export const LINE_BYTES = 128;
