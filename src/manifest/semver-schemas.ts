import semver from 'semver';
import { lineSchema } from './schema-parts.js';

// Rules 2, 9 and 10 of semver.org's specification 2.0.0, written out so that editors can check them too.
const NUMBER = '(?:0|[1-9]\\d{0,15})';
const PRERELEASE_PART = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}` +
    `(?:-${PRERELEASE_PART}(?:\\.${PRERELEASE_PART})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);
const VERSION_EXPECTED = 'a semver version such as "1.2.0"';
const RANGE_EXPECTED = 'a semver range such as "^1.2.0"';

/** An exact version, without `v` or `=`. */
export const versionSchema = lineSchema(VERSION_EXPECTED, { max: 256, pattern: VERSION })
  .refine((version) => semver.valid(version) !== null, { error: VERSION_EXPECTED })
  .meta({ id: 'version' });

/** A range as npm reads it; tags such as `latest` are none. */
export const rangeSchema = lineSchema(RANGE_EXPECTED, { max: 256 })
  .refine((range) => semver.validRange(range) !== null, { error: RANGE_EXPECTED })
  .meta({ id: 'range' });
