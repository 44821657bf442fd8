import { randomBytes } from 'node:crypto';

/**
 * Makes ids that are unique, also between hosts, and that sort as strings in the order of their making: ten digits of time,
 * five of a number within the millisecond, eight of chance drawn once for each maker. All base 32, lower case.
 */
export function violationIds(): (at: number) => string {
  const maker = randomBytes(5).readUIntBE(0, 5).toString(32).padStart(8, '0');
  let last = 0;
  let serial = 0;
  return (at) => {
    const ms = Math.max(last, Math.floor(at)); // a clock set back must not break the order
    serial = ms === last ? serial + 1 : 0;
    last = ms;
    return `${ms.toString(32).padStart(10, '0')}${serial.toString(32).padStart(5, '0')}${maker}`;
  };
}
